"""Countries: the codes that say how a national number is read, and the names that people read."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import tzdata
from phonenumbers import SUPPORTED_REGIONS

from autolynx.errors import InvalidInput

#: What is written where no country is meant, though a default is configured.
NO_REGION = "none"
ACCEPTED = "a country's two letters as in ISO 3166, such as US, GB or DE"

#: Where the table below has no name, or one that a sentence does not take.
_NAMES = {
    "AC": "Ascension Island",
    "GB": "United Kingdom",
    "KP": "North Korea",
    "KR": "South Korea",
    "MM": "Myanmar",
    "SZ": "Eswatini",
    "TA": "Tristan da Cunha",
    "XK": "Kosovo",
}
_WITH_ARTICLE = ("Bahamas", "Czech ", "Dominican ", "Gambia", "Netherlands", "Philippines", "United ")


def read_region(text: str) -> str:
    """Read a country's code, in any case. Raises InvalidInput with one sentence."""
    region = text.strip().upper()
    if region not in SUPPORTED_REGIONS:
        shown = text.strip()[:40]
        raise InvalidInput(f'The region is "{shown}"; accepted is {ACCEPTED}; or {NO_REGION}.')
    return region


def region_of_list(given: str | None, default: str | None) -> str | None:
    """Whose national numbers a list may hold: what was given with it, else the default; None for nobody's.

    Raises InvalidInput for a code that is none.
    """
    if given is None or not given.strip():
        return default
    return None if given.strip().lower() == NO_REGION else read_region(given)


def regions_by_name() -> list[str]:
    """Every country's code, in the order of their names."""
    return sorted(SUPPORTED_REGIONS, key=country_name)


def country_name(region: str) -> str:
    """A country's name in English: "United States"."""
    return _names().get(region, region)


def in_country(region: str) -> str:
    """A country's name as it stands in a sentence: "the United States", "Germany"."""
    name = country_name(region)
    return f"the {name}" if name.startswith(_WITH_ARTICLE) or name.endswith(("Islands", "Rep.)")) else name


@cache
def _names() -> dict[str, str]:
    """The names of the time zone database's own list of countries (PyPI's tzdata, iso3166.tab)."""
    text = files(tzdata).joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {line[0]: line[1] for line in lines} | _NAMES
