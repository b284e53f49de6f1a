"""What the name of a field in the provider's JSON tells: that it holds a secret, or says where something is sent to."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

_LONGEST_NAME = 100

#: how the name of a secret ends, in its letters and digits
_ENDS = re.compile(
    r"(secret|password|passwd|passphrase|passcode|pwd|passwort|kennwort|passord|losenord|wachtwoord|motdepasse|contrasena"
    r"|senha|geheimnis|schlussel|schluessel|zugangscode|token|jwt|bearer|signature|authorization"
    r"|authorizationheader|cookie|auth|key|connectionstring|headers|environmentvariables|envvars|credentials?"
    r"|secrets|passwords|(api|auth|access|private|secret|signing|service|refresh|bearer)(keys|tokens))$"
)
#: whole words that end a name; as letters alone they end "spin" and "compass" as well
_WORDS = frozenset({"pin", "pins", "pw", "psk", "otp", "totp", "hmac", "sig", "cvv", "cvc"})
#: the last word of what is no secret, and the words that may stand before it
_HARMLESS = {
    "token": frozenset({"max", "end", "stop", "per", "eos", "bos", "pad"}),
    "key": frozenset(
        {
            "public",
            "publishable",
            "hot",
            "dedup",
            "deduplication",
            "idempotency",
            "cache",
            "foreign",
            "sort",
            "lookup",
            "partition",
            "group",
            "translation",
            "i18n",
            "locale",
            "message",
            "label",
            "field",
            "column",
            "property",
            "variable",
            "pressed",
            "digit",
            "dtmf",
            "keypad",
            "star",
            "pound",
        }
    ),
}
_ENGLISH = frozenset({"monkey", "turkey", "donkey", "hockey", "whiskey", "jockey", "turnkey"})
_HARMLESS_ALONE = _ENGLISH | {before + last for last, every in _HARMLESS.items() for before in every}
#: what may follow, of an older or of another one; possessive, else forty digits take years
_FOLLOWS = re.compile(
    r"(?:\d+|old|new|previous|prev|current|backup|bak|copy|legacy|live|prod|test|dev|value|hash|encrypted|base64|b64)++$"
)
_IN_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: where something is sent to; a link to a recording is none, and may be read only whole
_ADDRESSES = re.compile(r"^(url|uri|endpoint|(server|base|api|apibase|callback|webhook|custom\w*)(url|uri))$")


class Kind(IntEnum):
    """What a field's name tells."""

    PLAIN = 0
    ADDRESS = 1
    SECRET = 2


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret."""
    return kind(name) is Kind.SECRET


def is_address_name(name: str) -> bool:
    """Whether a field of this name says where something is sent to."""
    return kind(name) is Kind.ADDRESS


def kind(name: str) -> Kind:
    """What the name tells; its case, accents and signs do not count."""
    return _kind(name[-_LONGEST_NAME:])


@lru_cache(maxsize=4096)
def _kind(name: str) -> Kind:
    words = _words(unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode())
    letters = _FOLLOWS.sub("", "".join(words)) or "".join(words)
    if _is_secret(words, letters):
        return Kind.SECRET
    return Kind.ADDRESS if _ADDRESSES.match(letters) else Kind.PLAIN


def _words(name: str) -> list[str]:
    """The words of a name, without those that follow a secret's."""
    words = [word.lower() for word in _IN_WORDS.findall(name)]
    while len(words) > 1 and _FOLLOWS.fullmatch(words[-1]):
        words.pop()
    return words


def _is_secret(words: list[str], letters: str) -> bool:
    if not _ENDS.search(letters):
        return bool(words) and words[-1] in _WORDS
    is_known = len(words) > 1 and words[-2] in _HARMLESS.get(words[-1], ())
    return not is_known and letters not in _HARMLESS_ALONE
