"""Can a secret be guessed? How many bits it has for a guesser who writes it down as cheaply as possible.

zxcvbn finds the known words, names and passwords in a text, dates, rows of keys and repetitions, and how many guesses
each takes. It is made for what people choose, and lets long texts pass for their length; so here the cheapest way
through the whole text is added up, with what examples of secrets are made of on top. What base64 or hexadecimal digits
stand for is judged, too: they hide a word from a list, not from a guesser.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

from zxcvbn.frequency_lists import FREQUENCY_LISTS
from zxcvbn.matching import build_ranked_dict, omnimatch
from zxcvbn.scoring import estimate_guesses

SHORTEST = 24  # characters
#: Three unusual words have more, and what examples are made of has less. At 2,000 wrong tokens a minute it takes years.
_FEWEST_BITS = 32.0
#: Where all are words that a list has: what belongs together is guessed together, so more of them, and rarer ones.
_FEWEST_WORDS, _FEWEST_BITS_OF_WORDS = 4, 34.0
_FEWEST_DIFFERENT = 6  # characters
_CHARACTER_BITS, _OWN_WORD_BITS, _KNOWN_TEXT_BITS = 4.0, 3.0, 8.0
#: Years, whose list in zxcvbn ends with 2019, and the lengths that sentences about secrets have.
_NUMBERS = re.compile(r"(?:19[5-9]|20[0-5])\d|(?<!\d)(?:16|24|32|48|64|128|192|256|384|512|1024|2048|4096)(?!\d)")
_NUMBER_BITS = 4.0
_SHORTEST_WORD = 3  # letters; the lists have nearly every pair
_FEWEST_STEPS = 4  # different ones from byte to byte; random bytes have as many as there are
_MOST_ENCODINGS = 3  # in each other
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
wachtwoord haslo parola a an at of or in on with is it be as by to one two three four all any than more min minimum
least bit bits byte bytes length output result command run letter letters number numbers string strings symbols phrase
jwt hmac sha aes base64 base32 cookie session signing encryption encrypted django flask rails insecure corp corporation
inc gmbh ltd monday tuesday wednesday thursday friday saturday sunday january february march april june july september
october november december montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi
vendredi samedi dimanche janvier février fevrier mars avril juin juillet août aout septembre octobre novembre décembre
decembre sécurisé securise sécurisée securisee sicher sicheres segura segura seguro secreto secreta sécurité securite
"""
OWN_WORDS = tuple(dict.fromkeys(_WORD_LIST.split()))
_KNOWN_TEXTS = (
    "31415926535897932384626433832795028841971693993751",
    "27182818284590452353602874713526624977572470936999",
    "thequickbrownfoxjumpsoverthelazydog",
    "loremipsumdolorsitametconsecteturadipiscingelit",
    "supercalifragilisticexpialidocious",
)
#: Random once, and printed in so many pages since that they are the first guess. Letters and digits only.
_EXAMPLES = (
    "wjalrxutnfemik7mdengbpxrficyexamplekey",  # AWS: its documentation's secret access keys
    "je7mtgbclwbf2zp9utkh3yco8nvbexamplekey",
    "123e4567e89b12d3a456",  # UUIDs: Wikipedia's and OpenAPI's, whose last part differs
    "550e8400e29b41d4a716446655440000",
    "f47ac10b58cc4372a5670e02b2c3d479",
    "6ba7b8109dad11d180b400c04fd430c8",  # RFC 4122: the name spaces, and the example
    "6ba7b8119dad11d180b400c04fd430c8",
    "6ba7b8129dad11d180b400c04fd430c8",
    "6ba7b8149dad11d180b400c04fd430c8",
    "f81d4fae7dec11d0a76500a0c91e6bf6",
    "3fa85f6457174562b3fc2c963f66afa6",  # Swagger UI
    "9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d",  # npm: uuid
    "1b9d6bcdbbfd4b2d9b5dab8dfbbd4bed",
    "16fd27068baf433b82eb8c7fada847da",  # Python: uuid
    "12345678123456781234567812345678",
    "258eafa5e91447da95cac5ab0dc85b11",  # RFC 6455
    "2b7e151628aed2a6abf7158809cf4f3c",  # FIPS 197
    "603deb1015ca71be2b73aef0857d7781",
    "09d25e094faa6ca2556c818166b7a956",  # FastAPI: OAuth2 with JWT
    "192b9bdd22ab9ed4d12e236c78afcb9a",  # Flask: SECRET_KEY
    "supersecretjwttokenwithatleast32characterslong",  # Supabase: self-hosting
    "eyjhbgcioijiuzi1niisinr5cci6ikpxvcj9",  # the head of every JWT, as jwt.io's
)
_HASHES = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}  # by hexadecimal digits


def why_guessable(secret: str) -> str | None:
    """What is wrong with a secret, to be put after its name; None where it is hard to guess. Never quotes it.

    The secret as it is sent: base64 needs its capitals.
    """
    if len(secret) < SHORTEST:
        return f"has {len(secret)} character{'s' * (len(secret) != 1)}"
    return _why_known(secret) or _why_decoded(secret)


def _why_known(secret: str) -> str | None:
    """The same for what it says, however long."""
    text = secret.lower()
    if len(set(text)) < _FEWEST_DIFFERENT:
        return "is made of few different characters"
    if _has_address(text):
        return "can be guessed: it has an address in it"
    bare = _bare(text)
    if any(example in bare for example in _EXAMPLES):
        return "can be guessed: it is an example that is published"
    if _is_known_hash(bare):
        return "can be guessed: it is the hash of something that everybody knows"
    judged = text[:JUDGED_LENGTH]
    if _fewest_bits(judged) < _FEWEST_BITS:
        return "can be guessed: it is made of words, runs or repetitions"
    if _are_easy_words(judged):
        return "can be guessed: it is made of too few unusual words"
    return None


def _why_decoded(secret: str, depth: int = _MOST_ENCODINGS) -> str | None:
    """The same for what it stands for in an encoding."""
    for decoded in _decoded(secret):
        if _is_run(decoded):
            return "can be guessed: it encodes a run or a repetition"
        text = _printable(decoded)
        if text and depth and (_why_known(text) or _why_decoded(text, depth - 1)):
            return "can be guessed: it encodes a text that can be guessed"
    return None


def _decoded(secret: str) -> Iterator[bytes]:
    """What hexadecimal digits, with signs between or without, and base64 of both alphabets stand for."""
    digits = re.sub(r"[-:\s]", "", secret)
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", digits):
        yield bytes.fromhex(digits)
    sextets = secret.rstrip("=").replace("-", "+").replace("_", "/")
    if re.fullmatch(r"[A-Za-z0-9+/]+", sextets):
        yield base64.b64decode(sextets + "A" * (-len(sextets) % 4))[: len(sextets) * 6 // 8]


def _is_run(decoded: bytes) -> bool:
    """True for bytes that go on in the same steps, or that are hardly different."""
    steps = {(after - before) % 256 for before, after in pairwise(decoded)}
    return min(len(steps), len(set(decoded))) < _FEWEST_STEPS


def _printable(decoded: bytes) -> str | None:
    try:
        text = decoded.decode().strip()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _has_address(text: str) -> bool:
    """Of the web, or of a person: where they are is told to many, or is easily found out."""
    around = re.findall(r"(?=([^\W\d_]{4,})@([^\W\d_]{4,}))", text)
    words = _known_words()
    return (
        "://" in text
        or re.search(r"[a-z]{3}\d*@[a-z0-9-]{3,}\.[a-z]{2}", text) is not None
        or any(before in words and after in words for before, after in around)
    )


def _are_easy_words(text: str) -> bool:
    """True where nothing but words that a list has and numbers is there, and not four words, or common ones only."""
    runs = re.findall(r"[^\W\d_]+", text)
    if sum(map(len, runs)) <= len(re.findall(r"\d", text)):
        return False
    found: set[str] = set()
    for run in runs:
        if (words := _split(run)) is None:
            return False
        found.update(words)
    return len(found) < _FEWEST_WORDS or _fewest_bits(text) < _FEWEST_BITS_OF_WORDS


def _split(run: str) -> tuple[str, ...] | None:
    """Letters as the fewest words that a list has; None where it has not all of them."""
    known = _known_words()
    ways: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(run) + 1):
        pairs = ((ways[begin], run[begin:end]) for begin in range(end))
        found = [(*way, word) for way, word in pairs if way is not None and word in known]
        ways.append(min(found, key=len, default=None))
    return ways[-1]


def _fewest_bits(text: str) -> float:
    """Of the text as it is, or of what stands between its signs."""
    return min(_bits(text), _bits(_bare(text)) + _CHARACTER_BITS)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _bits(text: str) -> float:
    """Of the cheapest way from its beginning to its end."""
    begins: dict[int, list[tuple[int, float]]] = {}
    for match in omnimatch(text, _dictionaries()):
        begins.setdefault(match["j"] + 1, []).append((match["i"], _match_bits(match, text)))
    for begin in range(len(text)):
        if length := _along_known_text(text, begin):
            begins.setdefault(begin + length, []).append((begin, _KNOWN_TEXT_BITS))
    for number in _NUMBERS.finditer(text):
        begins.setdefault(number.end(), []).append((number.start(), _NUMBER_BITS))
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


@lru_cache(maxsize=1)
def _known_words() -> frozenset[str]:
    listed = (word for words in FREQUENCY_LISTS.values() for word in words)
    return frozenset(word for word in listed if len(word) >= _SHORTEST_WORD) | {*OWN_WORDS}
