"""What a password must be, and what is refused because it is tried first."""

from __future__ import annotations

import pytest

from autolynx.access import require_unguessable
from autolynx.errors import InvalidInput


def judge(password: str) -> None:
    require_unguessable(password, email="eva.schmidt@example.com", name="Eva Schmidt-Lang")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "password",
        "k7#Vq!x2mZp",  # good, and 11 characters
        "x" * 1025,
        "password1234",
        "P@ssw0rd2026!",
        "passwordpassword",
        "password password",
        "Passwort123456",
        "Willkommen123!",
        "Sommer2026!!",
        "change-me-please",
        "qwertyuiop[]",
        "qwertzuiopas",
        "1qay2wsx3edc",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "abcdefghijkl",
        "123456789012",
        "monkey monkey monkey",
        "autolynx2026!",
        "AutoLynx!AutoLynx!",
        "eva.schmidt@example.com",
        "eva.schmidt.1984",
        "Eva Schmidt 1!",
        "schmidtlang2026",
        "ExampleExample1",
    ],
)
def test_it_refuses_what_is_tried_first(password: str) -> None:
    with pytest.raises(InvalidInput, match=r"accepted are 12 to 1024 characters .* four words"):
        judge(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "tall green lamp post",
        "x7Kq29mPw1zR",
        "!§$%&/()=?*#_+",
        "492830174628",
        "wieso grüner Hut leise",
        "四月のさくらとあおい犬の散歩",
        "k7#Vq!x2mZpT" * 80,
    ],
)
def test_it_accepts_what_takes_a_guesser_long(password: str) -> None:
    judge(password)
