"""What a password must be, and what is refused because it is tried first."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable
from uuid import UUID

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from autolynx.access import require_unguessable
from autolynx.errors import InvalidInput

WORDS = [word for word in FREQUENCY_LISTS["english_wikipedia"] if len(word) > 4 and word.isalpha()]


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
        "iloveyou2026!!",
        "Letmein-2026!!",
        "correct horse battery staple",
        "Vertrieb2026!",
        "Urlaub2026!!!",
        "!!2026Urlaub!!",
        "Fußball2026!!",
        "Azerty2026!!!",
        "Chelsea1905!!",
        "vapi-api-key-1",
        "Example-Corp-2026",
        "Eva-Urlaub-2026",
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


@pytest.mark.parametrize(
    "make",
    [
        lambda some: base64.urlsafe_b64encode(some.randbytes(24)).decode(),
        lambda some: some.randbytes(16).hex(),
        lambda some: str(UUID(int=some.getrandbits(128), version=4)),
        lambda some: "".join(some.choices(string.ascii_letters + string.digits, k=12)),
        lambda some: "".join(some.choices(string.ascii_lowercase, k=12)),
        lambda some: "".join(some.choices(string.ascii_letters + string.digits + string.punctuation, k=16)),
        lambda some: "".join(some.choices(string.ascii_lowercase + string.digits + string.punctuation, k=16)),
        lambda some: " ".join(some.sample(WORDS, 3)),
        lambda some: "-".join(some.sample(WORDS, 4)),
    ],
    ids=[
        "urlsafe 24",
        "hex 16",
        "uuid",
        "letters and digits",
        "small letters",
        "signs",
        "small and signs",
        "three words",
        "four words",
    ],
)
def test_it_accepts_what_is_random(make: Callable[[random.Random], str]) -> None:
    some = random.Random(7)
    for _ in range(100):
        judge(make(some))
