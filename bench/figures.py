"""What a benchmark finds: a ratio beside its target, as one line and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One ratio. `is_floor`: the target is the least that will do; otherwise the most."""

    name: str
    value: float
    unit: str
    target: float
    is_floor: bool
    remark: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def is_met(self) -> bool:
        """Whether the value is on the right side of its target."""
        return self.value >= self.target if self.is_floor else self.value <= self.target

    def line(self) -> str:
        """`line use, cap 8, postgres: 0.973 of the lines (target at least 0.95); a 60-second tick: 0.11`."""
        side = "at least" if self.is_floor else "at most"
        missed = "" if self.is_met else " MISSED"
        remark = f"; {self.remark}" if self.remark else ""
        return f"{self.name}: {self.value:.3g} {self.unit} (target {side} {self.target:g}{missed}){remark}"


def keep(benchmark: str, figures: list[Figure], seconds: float) -> None:
    """Write the figures of one benchmark to `bench/results/<name>.json`, in place of the last ones."""
    RESULTS.mkdir(exist_ok=True)
    found = {
        "benchmark": benchmark,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "took_seconds": round(seconds, 1),
        "figures": [asdict(figure) | {"is_met": figure.is_met} for figure in figures],
    }
    (RESULTS / f"{benchmark}.json").write_text(json.dumps(found, indent=2, default=str) + "\n")
