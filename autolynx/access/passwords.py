"""Passwords: how they are kept, and which ones are too easily guessed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading

from zxcvbn import zxcvbn

from autolynx.errors import InvalidInput
from autolynx.secrecy.guessing import JUDGED_LENGTH, OWN_WORDS

MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH = 12, 1024  # characters
#: So many guesses at least, in the order of a good guesser: ten months of one core, for one password.
_FEWEST_GUESSES = 1e8
#: And so many for what is left of it without what stands before and behind, signs, and the words tried first here.
_FEWEST_FOR_THE_REST = 1e4
#: A word of fewer letters, in any language, is tried first with digits, signs and our own words around it.
_SHORTEST_WORD = 10
_ACCEPTED = (
    f"accepted are {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters that are not made of common words, names, "
    "dates, rows of keys or repetitions; four words that have nothing to do with each other are good."
)

#: OWASP's password storage cheat sheet (read 2026-11) asks of scrypt: N=2^15, r=8, p=3, or costlier. 32 MiB.
_N, _R, _P = 2**15, 8, 3
_MEMORY = 64 * 1024**2
#: Each hash takes 32 MiB and a core. One at a time: a flood of sign-ins leaves the other core to those who are in.
_turn = threading.Lock()


def require_unguessable(password: str, *, email: str, name: str) -> None:
    """Raise InvalidInput for a password that is too short, too long or easily guessed, the user's own words included.

    `email` in its normal form.
    """
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise InvalidInput(f"The password has {len(password)} characters; {_ACCEPTED}")
    judged, words = password[:JUDGED_LENGTH], _own_words(email, name)
    core = _core(judged)
    if (
        _guesses(judged, words) < _FEWEST_GUESSES
        or _guesses(_rest(core, words), words) < _FEWEST_FOR_THE_REST
        or _is_short_word(core, words)
    ):
        raise InvalidInput(f"The password is easily guessed; {_ACCEPTED}")


def hash_password(password: str) -> str:
    """`scrypt$N$r$p$salt$hash`, with a salt of its own."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _N, _R, _P)
    return f"scrypt${_N}${_R}${_P}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def check_password(password: str, stored: str) -> bool:
    """Compare in constant time, with the parameters the hash was made with."""
    _, n, r, p, salt, digest = stored.split("$")
    found = _scrypt(password[:MAX_PASSWORD_LENGTH], base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    with _turn:
        return hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32
        )


def _guesses(text: str, words: list[str]) -> float:
    return float(zxcvbn(text, user_inputs=words, max_length=JUDGED_LENGTH)["guesses"]) if text else 0.0


def _core(password: str) -> str:
    """What stands between the digits and signs at both ends, or all of it where that is hardly anything."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password)
    return core if 3 * len(core) >= len(password) and re.search(r"[^\W\d_]{4}", core) else password


def _is_short_word(core: str, words: list[str]) -> bool:
    """True for one beside nothing but our own words.

    Not where small and large letters mix or single ones stand apart, as in what is random.
    """
    runs = re.findall(r"[^\W\d_]+", core)
    is_written_so = all(run in (run.lower(), run.upper(), run.capitalize()) for run in runs)
    letters = sum(len(run) for run in runs if run.lower() not in words)
    is_words = sum(map(len, runs)) >= 4 * len(runs)
    return bool(runs) and is_written_so and is_words and not re.search(r"\d", core) and letters < _SHORTEST_WORD


def _rest(password: str, words: list[str]) -> str:
    """What is left without signs between and our own words, or all of it where it consists of signs."""
    rest = re.sub(r"[\W_]+", "", password.lower())
    if 2 * len(rest) < len(password):
        return password
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "") if len(word) > 2 else rest
    return rest


def _own_words(email: str, name: str) -> list[str]:
    """What somebody who knows the user tries first: the address, the name, and the words in them."""
    whole = [email, name]
    words = [word for text in whole for word in re.split(r"[\W_]+", text) if len(word) > 1]
    joined = ["".join(re.split(r"[\W_]+", text)) for text in whole]
    return list(dict.fromkeys(word.lower() for word in (*words, *whole, *joined, *OWN_WORDS) if word))


#: What an unknown address's password is compared with, at the same cost; nothing matches it.
NOBODY = f"scrypt${_N}${_R}${_P}${'A' * 22}==${'A' * 43}="
