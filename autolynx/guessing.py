"""Can a secret be guessed? How many bits it has for a guesser who writes it down as cheaply as possible.

zxcvbn finds the known words, names and passwords in a text, dates, rows of keys and repetitions, and how many guesses
each takes. It is made for what people choose, and lets long texts pass for their length; so here the cheapest way
through the whole text is added up, with what examples of secrets are made of on top.
"""

from __future__ import annotations

import hashlib
import math
import re
from functools import lru_cache
from typing import Any

from zxcvbn.frequency_lists import FREQUENCY_LISTS
from zxcvbn.matching import build_ranked_dict, omnimatch
from zxcvbn.scoring import estimate_guesses

SHORTEST = 24  # characters
#: Three unusual words have more, and what examples are made of has less. At 2,000 wrong tokens a minute it takes years.
_FEWEST_BITS = 32.0
_FEWEST_DIFFERENT = 6  # characters
_CHARACTER_BITS, _OWN_WORD_BITS, _KNOWN_TEXT_BITS = 4.0, 3.0, 8.0
_LONGEST_BY_CHANCE = 8  # characters of a known text
JUDGED_LENGTH = 48  # characters; for more, zxcvbn takes up to seconds, and nobody guesses

ACCEPTED = (
    f"a random text of at least {SHORTEST} characters that no other setting or example has, "
    "such as `openssl rand -hex 24` prints"
)
#: What people at a desk like this think of first, and what examples of secrets are made of, where zxcvbn's lists of
#: English words, names and passwords lack it or have it far behind.
_WORD_LIST = """
acme agent allow and api apikey app assistant auth autolynx bearer cafe cafebabe call calling calls campaign campaigns
change changeit changeme char characters choose client code company correcthorsebatterystaple cron database deadbeef
default demo desk dev development dialer dummy env example fake feed feedface fill for from generate goes here hex
insert internal keep key least live local localhost login long lynx make metrics must not openai openssl operator our
outbound own passphrase passwd paste personal phone placeholder please postgres prod production project provider
public put pwd rand random read real replace replaceme sales salt same sample scheduler secret secrets secure server
service set shared sign sim simulator some somebody something staging streamlit string strong supabase super
supersecret sure system temp temporary test testing tests text that the their this token twilio unique unsafe update
uri url use user uuid value vapi version webhook webhooks welcome with world your yours passwort kennwort geheim
willkommen hallo sommer winter herbst frühling fruehling spring summer autumn januar februar märz april mai juni juli
august september oktober november dezember berlin hamburg münchen muenchen motdepasse contraseña contrasena senha
wachtwoord haslo parola
"""
OWN_WORDS = tuple(_WORD_LIST.split())
_KNOWN_TEXTS = (
    "31415926535897932384626433832795028841971693993751",
    "27182818284590452353602874713526624977572470936999",
    "thequickbrownfoxjumpsoverthelazydog",
    "loremipsumdolorsitametconsecteturadipiscingelit",
    "supercalifragilisticexpialidocious",
)
_HASHES = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}  # by hexadecimal digits


def why_guessable(secret: str) -> str | None:
    """What is wrong with a secret, to be put after its name; None where it is hard to guess. Never quotes it."""
    text = secret.lower()
    if len(text) < SHORTEST:
        return f"has {len(text)} character{'s' * (len(text) != 1)}"
    if len(set(text)) < _FEWEST_DIFFERENT:
        return "is made of few different characters"
    if _is_known_hash(text):
        return "can be guessed: it is the hash of something that everybody knows"
    if _fewest_bits(text[:JUDGED_LENGTH]) < _FEWEST_BITS:
        return "can be guessed: it is made of words, runs or repetitions"
    return None


def _fewest_bits(text: str) -> float:
    """Of the text as it is, or of what stands between its signs."""
    bare = re.sub(r"[\W_]+", "", text)
    return min(_bits(text), _bits(bare) + _CHARACTER_BITS)


def _bits(text: str) -> float:
    """Of the cheapest way from its beginning to its end."""
    begins: dict[int, list[tuple[int, float]]] = {}
    for match in omnimatch(text, _dictionaries()):
        begins.setdefault(match["j"] + 1, []).append((match["i"], _match_bits(match, text)))
    for begin in range(len(text)):
        if length := _along_known_text(text, begin):
            begins.setdefault(begin + length, []).append((begin, _KNOWN_TEXT_BITS))
    bits = [0.0]
    for end in range(1, len(text) + 1):
        ways = [bits[begin] + more for begin, more in begins.get(end, ())]
        bits.append(min([bits[end - 1] + _CHARACTER_BITS, *ways]))
    return bits[-1]


def _match_bits(match: dict[str, Any], text: str) -> float:
    if match.get("dictionary_name") == "own":
        return _OWN_WORD_BITS
    return max(1.0, math.log2(float(estimate_guesses(match, text))))


def _along_known_text(text: str, begin: int) -> int:
    """How far the text goes along a known one."""
    end = begin + _LONGEST_BY_CHANCE
    while end <= len(text) and any(text[begin:end] in known for known in _KNOWN_TEXTS):
        end += 1
    length = end - begin - 1
    return length if length >= _LONGEST_BY_CHANCE else 0


def _is_known_hash(text: str) -> bool:
    name = _HASHES.get(len(text))
    if name is None or not re.fullmatch("[0-9a-f]+", text):
        return False
    known = ("", *OWN_WORDS, *FREQUENCY_LISTS["passwords"])
    return any(hashlib.new(name, one.encode(), usedforsecurity=False).hexdigest() == text for one in known)


@lru_cache(maxsize=1)
def _dictionaries() -> dict[str, dict[str, int]]:
    lists = {**FREQUENCY_LISTS, "own": OWN_WORDS}
    return {name: build_ranked_dict(words) for name, words in lists.items()}
