"""Whether a request comes from a page of ours."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from autolynx.ui.serving import origin


@pytest.mark.parametrize(
    ("headers", "session_origin", "expected"),
    [
        ({"host": "desk.example"}, None, True),  # no browser
        ({"host": "desk.example", "origin": "https://desk.example"}, None, True),
        ({"host": "desk.example:443", "origin": "https://desk.example"}, None, True),
        ({"host": "DESK.example", "origin": "https://desk.example:443"}, None, True),
        ({"host": "desk.example:8443", "origin": "https://desk.example:8443"}, None, True),
        ({"host": "[::1]:8501", "origin": "http://[::1]:8501"}, None, True),
        ({"host": "desk.example", "origin": "https://evil.example"}, None, False),
        ({"host": "desk.example", "origin": "https://desk.example:8443"}, None, False),
        ({"host": "desk.example", "origin": "https://desk.example.evil.example"}, None, False),
        ({"host": "desk.example", "origin": "https://evil.desk.example"}, None, False),
        ({"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:3000"}, None, False),
        ({"host": "127.0.0.1:8501", "origin": "http://localhost:8501"}, None, False),
        ({"host": "127.0.0.1:8501", "origin": "null"}, None, False),
        ({"host": "127.0.0.1:8501", "origin": "https://desk.example"}, None, False),
        ({"host": "127.0.0.1:8501", "origin": "https://desk.example"}, "https://desk.example", True),
        ({"host": "127.0.0.1:8501", "origin": "https://evil.example"}, "https://desk.example", False),
        ({"host": "x", "origin": "https://desk.example", "x-forwarded-host": "desk.example"}, None, True),
        ({"host": "x", "origin": "https://desk.example", "x-forwarded-host": "a.b, desk.example"}, None, True),
        ({"host": "x", "origin": "https://evil.example", "x-forwarded-host": "desk.example"}, None, False),
        ({"host": "x", "origin": "https://desk.example", "sec-fetch-site": "same-origin"}, None, True),
        ({"host": "x", "sec-fetch-site": "none"}, None, True),
        ({"host": "x", "origin": "http://x", "sec-fetch-site": "cross-site"}, None, False),
        ({"host": "x", "origin": "http://x", "sec-fetch-site": "same-site"}, "http://x", False),
        ({"host": "x:port", "origin": "http://x"}, None, False),
        ({"origin": "http://x"}, None, False),
        ({"host": "x", "origin": ""}, None, False),
    ],
)
def test_it_knows_a_page_of_ours(headers: dict[str, str], session_origin: str | None, expected: bool) -> None:
    assert origin.is_ours(Headers(headers), session_origin) is expected
