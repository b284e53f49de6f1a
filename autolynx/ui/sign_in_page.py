"""Pages that stand before the app and so cannot be part of it: signing in, and being shut out."""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.responses import HTMLResponse

_ASSETS = Path(__file__).with_name("assets")
_TITLES = {401: "Sign in", 403: "Not open to you yet", 429: "Sign in", 503: "AutoLynx is not ready"}


def form(next_path: str, *, email: str = "", refusal: str | None = None, status: int = 200) -> HTMLResponse:
    """The sign-in form; what it leads to afterwards is `next_path`."""
    sentence = f'<p class="refusal" role="alert">{escape(refusal)}</p>' if refusal else ""
    return _page(
        "Sign in",
        f"""<p class="lead">Your outbound calling desk.</p>{sentence}
        <form method="post" action="/sign-in">
          <input type="hidden" name="next" value="{escape(next_path)}">
          <label for="email">E-mail</label>
          <input id="email" name="email" type="email" autocomplete="username" required autofocus
                 value="{escape(email)}">
          <label for="password">Password</label>
          <input id="password" name="password" type="password" autocomplete="current-password" required>
          <button type="submit">Sign in</button>
        </form>""",
        status,
    )


def closed(sentence: str, status: int) -> HTMLResponse:
    """Say why there is nothing to see here. While something is away (503), the page tries again by itself."""
    parts = escape(sentence).split("`")
    text = "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))
    again = '<p class="lead">This page tries again by itself.</p>' if status == 503 else ""
    response = _page(_TITLES[status], f"<p>{text}</p>{again}", status)
    if status == 503:
        response.headers["Refresh"] = response.headers["Retry-After"] = "5"
    return response


def _page(title: str, body: str, status: int) -> HTMLResponse:
    template = (_ASSETS / "before.html").read_text()
    icon = (_ASSETS / "icon.svg").read_text()
    page = template.replace("{{title}}", escape(title)).replace("{{icon}}", icon).replace("{{body}}", body)
    return HTMLResponse(page, status, {"cache-control": "no-store"})
