"""Digits that stand apart from the rest: a part of the number, or none of it?"""

from __future__ import annotations

from dataclasses import replace

from autolynx.phone_readings import Reading, is_number
from autolynx.phone_text import Group, PhoneProblem, Written

_BRAZIL = 55


def own_groups(written: Written, reading: Reading) -> list[Group]:
    """The groups of a number's own digits, without country code and prefixes."""
    left: list[Group] = []
    count = reading.before
    for group in written.groups:
        digits = group.digits[count:]
        count = max(count - len(group.digits), 0)
        if digits:
            left.append(replace(group, digits=digits))
    return left


def check_groups(written: Written, reading: Reading) -> None:
    """Raise PhoneProblem where the number might as well be one without some of its digits, or two numbers."""
    groups = own_groups(written, reading)

    def is_one(some: list[Group]) -> bool:
        return is_number(reading.country_code, "".join(group.digits for group in some))

    if groups[0].digits == str(reading.country_code) and len(groups) > 1 and is_one(groups[1:]):
        raise PhoneProblem("has its country code twice")
    is_odd = groups[0].digits == "0" or (reading.before == 0 and reading.first_length > 1)
    if len(groups[0].digits) == 1 and is_odd and is_one(groups[1:]):
        raise PhoneProblem(_apart(groups[0]))
    if groups[0].digits == "0" and len(groups) > 1:  # Italy's `(0)6 1234567`: a 0 that stays
        groups[:2] = [replace(groups[0], digits=f"0{groups[1].digits}")]
    for at in range(1, len(groups)):
        if "/" in groups[at].before and is_one(groups[:at]):
            raise PhoneProblem("is not one phone number")
        if _stands_apart(groups, at, reading.country_code) and is_one(groups[:at] + groups[at + 1 :]):
            raise PhoneProblem(_apart(groups[at]))
        if groups[at].digits.startswith("0") and is_one(groups[:at]) and is_one(groups[at:]):
            raise PhoneProblem("may be two phone numbers: write its digits together if it is one")


def _apart(group: Group) -> str:
    return f'is a number with the "{group.digits}" that stands apart, and another without it: write its digits together'


def _stands_apart(groups: list[Group], at: int, country_code: int) -> bool:
    """A single digit; or two at the end, grouped unlike those before, and not behind a hyphen like a direct dial."""
    group, previous = groups[at], groups[at - 1]
    if len(group.digits) == 1:
        return not (country_code == _BRAZIL and _is_brazilian_nine(groups, at))
    is_last_pair = len(group.digits) == 2 and at == len(groups) - 1
    is_odd = len(previous.digits) > 3 or group.before != previous.before
    return is_last_pair and is_odd and "-" not in group.before


def _is_brazilian_nine(groups: list[Group], at: int) -> bool:
    """`(11) 9 1234-5678`: mobile numbers got a 9 in front (Anatel, 2012 to 2016), and many write it apart."""
    rest = sum(len(group.digits) for group in groups[at + 1 :])
    return at == 1 and groups[at].digits == "9" and rest == 8
