"""Chaos: whole processes killed, stopped and cut off while people click and the provider misbehaves.

One run is decided by its seed as far as threads allow: `plan` draws what meets, `weather`, `killing` and `people` play
their parts of it, `judge` and `accounts` compare what came of it with the provider's books.
"""

from bench.chaos.run import ChaosReport, run

__all__ = ["ChaosReport", "run"]
