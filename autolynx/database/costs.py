"""FEATURE_COST_TRACKING=false: what calls cost is recorded all the same, and told to nobody who asks."""

from __future__ import annotations

from typing import Any

from autolynx.database.port import Database, Kind

_COST = "cost_usd"
#: what people and the provider wrote, under names of their own
_OTHERS_WORDS = frozenset({"config_json", "variables", "import_report", "transcript_json"})


class WithoutCosts(Database):
    """A database whose answers hold no costs; see `port.Database` for the contract."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.kind: Kind = database.kind
        self.can_listen = database.can_listen
        self.is_at_home_on_loops = database.is_at_home_on_loops

    def call(self, function: str, /, **arguments: Any) -> Any:
        """See `port.Database.call`."""
        answer = self._database.call(function, **arguments)
        _forget_costs(answer)
        return answer

    async def call_on_loop(self, function: str, /, **arguments: Any) -> Any:
        """See `port.Database.call_on_loop`."""
        answer = await self._database.call_on_loop(function, **arguments)
        _forget_costs(answer)
        return answer

    def wait_for_work(self, timeout_seconds: float) -> bool:
        """See `port.Database.wait_for_work`."""
        return self._database.wait_for_work(timeout_seconds)

    def wake(self) -> None:
        """See `port.Database.wake`."""
        self._database.wake()

    def close(self) -> None:
        """See `port.Database.close`."""
        self._database.close()


def _forget_costs(answer: Any) -> None:
    left = [answer]
    while left:
        item = left.pop()
        if isinstance(item, list):
            left += item
        elif isinstance(item, dict):
            if _COST in item:
                item[_COST] = None
            left += [inner for name, inner in item.items() if name not in _OTHERS_WORDS]
