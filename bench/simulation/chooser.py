"""Every choice of a story by its name: a value is a hash of the seed and the name, never "the next draw".

So leaving one fault out changes no other choice, and a story replays from its seed and the faults it may have.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

#: kind -> how often where the weather is normal
RATES: dict[str, float] = {
    # a dial
    "dial-unreachable": 0.02,  # nothing was sent
    "dial-slow-connection": 0.02,  # some seconds before it is sent
    "dial-429": 0.03,
    "dial-fault-before": 0.02,  # 5xx, nothing created
    "dial-fault-after": 0.02,  # 5xx, created
    "dial-fault-hidden": 0.01,  # 5xx, created, and for minutes neither listed nor told of
    "dial-lost": 0.03,  # created, no answer
    "dial-late": 0.03,  # no answer, created long after
    "dial-slow": 0.03,  # answered within a minute
    "dial-nothing": 0.01,  # no answer, and nothing created
    "dial-odd-400": 0.01,
    "dial-bad-number": 0.02,
    "dial-no-control-url": 0.05,
    "dial-beyond": 0.0,  # created after the bound for dials in doubt: off, but by `--rate`
    # the provider's memory
    "list-lag": 0.15,
    "list-forgets": 0.05,
    "list-fails": 0.05,
    "list-slow": 0.05,
    "list-short": 0.05,  # a page of a few, though more were asked for, and though there are more
    "get-404": 0.04,
    "get-fails": 0.05,
    "get-slow": 0.04,
    "control-fails": 0.1,
    "control-slow": 0.05,
    "no-date": 0.05,
    "echo-bare": 0.1,  # all story long, of what we wrote on a call only the customer's fields are repeated
    # its messages
    "message-none": 0.02,  # of this call there will be none
    "message-dropped": 0.06,
    "message-no-control-url": 0.05,
    "message-doubled": 0.06,
    "message-late": 0.04,
    "message-shuffled": 0.1,
    # lines
    "inbound": 0.15,
    # our side
    "database-lost-before": 0.004,
    "database-lost-after": 0.006,
    "database-slow": 0.01,
    "answer-slow": 0.004,  # the machine sleeps
    "crash-before": 0.0015,
    "crash-after": 0.002,
    "notice-lost": 0.05,
    "killed": 0.15,
    "database-outage": 0.12,
    "provider-outage": 0.12,
    "clock-stepped": 0.1,
    # people
    "people-pause": 0.25,
    "people-stop": 0.15,
    "people-hang-up": 0.06,
    "people-do-not-call": 0.03,
    "people-soon-bar": 0.015,  # while the dial is on its way, or just after
    "people-soon-hang-up": 0.015,
    "people-soon-pause": 0.005,
    "people-soon-stop": 0.002,
    "people-restore": 0.03,  # a backup takes the place of the database
}
CURSE = 10.0
CURSED = 0.1  # of the contacts
MOST_LIKELY = 0.75


@dataclass
class Chooser:
    """The choices of one story. `allowed`: the only faults that may happen; None for all that the seed has."""

    seed: int
    allowed: frozenset[str] | None = None
    is_calm: bool = False  # every length the least there is
    rates: dict[str, float] = field(default_factory=lambda: dict(RATES))
    fired: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._key = hashlib.blake2b(str(self.seed).encode(), digest_size=16).digest()
        self.weather = {kind: self._weather(kind) for kind in self.rates}
        self._curses: dict[str, bool] = {}

    def unit(self, name: str) -> float:
        """From 0 up to 1."""
        digest = hashlib.blake2b(name.encode(), digest_size=7, key=self._key).digest()
        return int.from_bytes(digest, "big") / 2**56

    def span(self, name: str, least: float, most: float) -> float:
        """A length between the two; the least in a calm story."""
        return least if self.is_calm else least + (most - least) * self.unit(name)

    def pick(self, name: str, choices: list[str]) -> str:
        """One of them."""
        return choices[int(self.unit(name) * len(choices))]

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        return least + int(self.unit(name) * (most - least + 1))

    def fault(self, kind: str, name: str, subject: str = "") -> bool:
        """Whether this goes wrong here; what did is kept in `fired`. `subject`: a contact, who may be cursed."""
        rate = self.weather[kind]
        if rate <= 0:
            return False
        fault = f"{kind}:{name}"
        if self.allowed is not None:
            if fault not in self.allowed:
                return False
        elif self.unit(fault) >= min(rate * (CURSE if self._is_cursed(subject) else 1.0), MOST_LIKELY):
            return False
        self.fired[fault] = None
        return True

    def _is_cursed(self, subject: str) -> bool:
        if not subject:
            return False
        if subject not in self._curses:
            self._curses[subject] = self.unit(f"cursed/{subject}") < CURSED
        return self._curses[subject]

    def _weather(self, kind: str) -> float:
        drawn = self.unit(f"weather/{kind}")
        return self.rates[kind] * (0.0 if drawn < 0.4 else 1.0 if drawn < 0.85 else 8.0)
