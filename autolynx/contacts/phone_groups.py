"""Digits that stand apart from the rest: a part of the number, or none of it?"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

from autolynx.contacts.phone_readings import Reading, is_number
from autolynx.contacts.phone_text import LIKE_A_DECIMAL, Group, PhoneProblem, Written
from autolynx.contacts.phone_text import written as taken_apart

_BRAZIL, _UKRAINE = 55, 380
#: Germany and Austria, where `-0` behind a firm's number is its switchboard, and other digits are its people.
_WITH_SWITCHBOARDS = (49, 43)


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
    if reading.code_at is not None:
        _check_country_code(written, reading, reading.code_at)
    groups = own_groups(written, reading)

    def is_one(some: list[Group]) -> bool:
        return is_number(reading.country_code, "".join(group.digits for group in some))

    if groups[0].digits == str(reading.country_code) and len(groups) > 1 and is_one(groups[1:]):
        raise PhoneProblem("has its country code twice")
    if _leads_oddly(groups[0], reading) and is_one(groups[1:]):
        raise PhoneProblem(_apart(groups[0]))
    if groups[0].digits == "0" and len(groups) > 1:  # Italy's `(0)6 1234567`: a 0 that stays
        groups[:2] = [replace(groups[0], digits=f"0{groups[1].digits}")]
    if _is_as_printed(groups, reading):
        return
    for at in range(1, len(groups)):
        if "/" in groups[at].before and is_one(groups[:at]):
            raise PhoneProblem("is not one phone number")
        if _is_behind_the_only_point(groups, at) and is_one(groups[:at]):
            raise PhoneProblem(LIKE_A_DECIMAL)
        if _stands_apart(groups, at, reading) and is_one(groups[:at] + groups[at + 1 :]):
            raise PhoneProblem(_apart(groups[at]))
        if groups[at].digits.startswith("0") and is_one(groups[:at]) and is_one(groups[at:]):
            raise PhoneProblem("may be two phone numbers: write its digits together if it is one")


def _is_as_printed(groups: list[Group], reading: Reading) -> bool:
    """`26 72 72 5` in Luxembourg: a single digit, but its numbering plan puts it there."""
    for shown in reading.printed:
        printed = taken_apart(shown)
        before = len(printed.digits) - sum(len(group.digits) for group in groups)
        theirs = own_groups(printed, replace(reading, before=before))
        if theirs[0].digits == groups[0].digits and theirs[1:] == groups[1:]:
            return True
    return False


def _check_country_code(written: Written, reading: Reading, start: int) -> None:
    """Raise PhoneProblem for `+8 (495) 123-45-67`: Moscow's, as it is dialed inside Russia; by its digits Vietnam's.

    Between the digits of a country code there is no gap, but before a zero that is written with the area
    (`+38 (044) 234-56-78`, and `+3 8 (044) …`).
    """
    end = start + len(str(reading.country_code))
    gaps = [at for at in accumulate(len(group.digits) for group in written.groups) if start < at < end]
    is_split = reading.country_code != _UKRAINE and any(written.digits[at:end].strip("0") for at in gaps)
    first = written.groups[0]
    if is_split or (first.before.endswith("+(") and len(first.digits) > end):
        raise PhoneProblem("has a country code that its grouping contradicts")


def _apart(group: Group) -> str:
    return f'is a number with the "{group.digits}" that stands apart, and another without it: write its digits together'


def _leads_oddly(first: Group, reading: Reading) -> bool:
    """A single digit or a group in parentheses, where the country puts no such thing in front."""
    is_odd = reading.before == 0 and len(first.digits) != reading.first_length
    return first.digits == "0" or (is_odd and (len(first.digits) == 1 or "(" in first.before))


def _is_behind_the_only_point(groups: list[Group], at: int) -> bool:
    return at == len(groups) - 1 and [other for other in groups if "." in other.before] == groups[at:]


def _stands_apart(groups: list[Group], at: int, reading: Reading) -> bool:
    """A single digit; or at the end what is in parentheses, or what does not go on as the number began.

    Behind a hyphen it is a direct dial.
    """
    group, previous = groups[at], groups[at - 1]
    if len(group.digits) == 1:
        is_known = reading.country_code == _BRAZIL and _is_brazilian_nine(groups, at)
        return not (is_known or _is_switchboard(groups, at, reading))
    if at < len(groups) - 1 or "-" in group.before:
        return False
    is_unlike = at >= 3 and groups[at - 2].before == previous.before != group.before
    is_odd_pair = len(group.digits) == 2 and (len(previous.digits) > 3 or group.before != previous.before)
    is_odd_end = len(group.digits) <= 4 and (len(previous.digits) >= 5 or is_unlike)
    return "(" in group.before or is_odd_pair or is_odd_end


def _is_switchboard(groups: list[Group], at: int, reading: Reading) -> bool:
    """`030 2312500-0`: with its 0 it is what its writer dials."""
    is_last_zero = at == len(groups) - 1 and (groups[at].before, groups[at].digits) == ("-", "0")
    return is_last_zero and reading.country_code in _WITH_SWITCHBOARDS and not reading.is_mobile


def _is_brazilian_nine(groups: list[Group], at: int) -> bool:
    """`(11) 9 1234-5678`: mobile numbers got a 9 in front (Anatel, 2012 to 2016), and many write it apart."""
    rest = sum(len(group.digits) for group in groups[at + 1 :])
    return at == 1 and groups[at].digits == "9" and rest == 8
