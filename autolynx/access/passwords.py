"""Passwords: how they are kept, and which ones are too easily guessed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
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

#: OWASP's password storage cheat sheet (read 2026-11) asks of argon2id: 46 MiB, one pass, one lane, or costlier.
_HASHER = PasswordHasher(memory_cost=46 * 1024, time_cost=3, parallelism=1)
#: What passwords were hashed with before: its N, r, p, and the most memory. Such a hash is good for one more sign-in.
_SCRYPT, _SCRYPT_MEMORY = (2**15, 8, 3), 64 * 1024**2
#: Each hash takes 46 MiB and a core. One at a time: a flood of sign-ins leaves the other core to those who are in.
_turn = threading.Lock()
#: Hashes that nothing matches, to be compared with for the time it takes.
_NO_ARGON2 = f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p=1${'A' * 22}${'A' * 43}"
_NO_SCRYPT = "scrypt${}${}${}${}==${}=".format(*_SCRYPT, "A" * 22, "A" * 43)


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
    """`$argon2id$v=19$m=…,t=…,p=…$salt$hash`, with a salt of its own."""
    with _turn:
        return _HASHER.hash(_encoded(password))


def check_password(password: str, stored: str | None) -> bool:
    """Compare in constant time, with the parameters the hash was made with. None: of an address that nobody has.

    A refusal takes both schemes' time, whatever is stored: else it would tell who has a hash from before, or any.
    """
    typed = password[:MAX_PASSWORD_LENGTH]
    is_old = stored is not None and _is_old(stored)
    if _matches(typed, stored or _NO_ARGON2):
        return True
    _matches(typed, _NO_ARGON2 if is_old else _NO_SCRYPT)
    return False


def is_outdated(stored: str) -> bool:
    """True for a hash that is to be made anew when its password is at hand."""
    return _is_old(stored) or _HASHER.check_needs_rehash(stored)


def _is_old(stored: str) -> bool:
    return stored.startswith("scrypt$")


def _matches(password: str, stored: str) -> bool:
    if _is_old(stored):
        _, n, r, p, salt, digest = stored.split("$")
        found = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p))
        return hmac.compare_digest(found, base64.b64decode(digest))
    try:
        with _turn:
            return _HASHER.verify(stored, _encoded(password))
    except VerifyMismatchError:
        return False


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    with _turn:
        return hashlib.scrypt(_encoded(password), salt=salt, n=n, r=r, p=p, maxmem=_SCRYPT_MEMORY, dklen=32)


def _encoded(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


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
