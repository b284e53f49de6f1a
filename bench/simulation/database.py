"""The real database under a story, and the port to it that each process of the story has."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import set_json_loads

from autolynx.database.arguments import decode
from autolynx.database.port import WORK_CHANNEL, Kind
from autolynx.database.postgres import answer, query
from autolynx.errors import Unavailable
from bench.simulation.chooser import Chooser
from bench.simulation.world import EPOCH, Process, Waiter, World

NOTICES = "simulation"
_SETUP = Path(__file__).with_name("database.sql")
_WITH_NOW = """
select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'public' and 'p_now' = any (p.proargnames)
"""
_TABLES = """
select format('%I.%I', schemaname, tablename), tablename from pg_tables
where schemaname = 'public' order by tablename
"""
_SEQUENCES = """
select string_agg(format('setval(''%I.%I'', 1, false)', schemaname, sequencename), ', ') from pg_sequences
where schemaname = 'public'
"""
_TIMES = """
select table_name, column_name from information_schema.columns
where table_schema = 'public' and data_type = 'timestamp with time zone' 
order by table_name, column_name
"""


class Ground:
    """One PostgreSQL database, a warm connection for all processes of all stories, one for what none of them may."""

    def __init__(self, url: str, host: str | None = None) -> None:
        """`host`: the folder of the server's Unix socket, where it has one; a fifth faster than TCP."""
        way = {"host": host} if host else {}
        self.admin = psycopg.connect(url, autocommit=True, **way)  # type: ignore[arg-type]
        self.admin.execute(_SETUP.read_text())
        self.admin.execute("set session_replication_role = replica")
        self.connection = psycopg.connect(url, autocommit=True, options="-c role=service_role -c jit=off", **way)  # type: ignore[arg-type]
        set_json_loads(decode, self.connection)
        self.connection.execute(f"listen {WORK_CHANNEL}")
        self.connection.execute(f"listen {NOTICES}")
        self.connection.add_notify_handler(self._heard)
        self.on_work: Callable[[], None] = lambda: None
        self.on_notice: Callable[[dict[str, Any]], None] = lambda _: None
        self._with_now = {name for (name,) in self.admin.execute(_WITH_NOW)}
        found = self.admin.execute(_TABLES).fetchall()
        kept = ("simulation", "time_zone_rules")  # of no story, and the same in all of them
        self.tables = [full for full, name in found if not name.startswith(kept)]
        self._restart_sequences = self.admin.execute(_SEQUENCES).fetchone()[0]  # type: ignore[index]
        times: dict[str, list[str]] = {}
        for table, column in self.admin.execute(_TIMES):
            if not (table.startswith(kept) or column == "time_zones_until"):
                times.setdefault(table, []).append(column)
        self._leaks = " union all ".join(
            f"select '{table}.{column}', {column} from public.{table} where {column} not between %(from)s and %(to)s"
            for table, columns in times.items()
            for column in columns
        )
        names = ("settings", "provider_health")
        self._first_rows = {
            name: self.admin.execute(f"select to_jsonb(t) from public.{name} t").fetchone()[0]  # type: ignore[index]
            for name in names
        }

    def close(self) -> None:
        """Close both connections."""
        self.connection.close()
        self.admin.close()

    def empty(self) -> None:
        """As after the migrations, but at the epoch. Not by `truncate`: after it every function is planned again."""
        self._delete_all()
        for name, row in self._first_rows.items():
            again = {key: EPOCH.isoformat() if key == "updated_at" else value for key, value in row.items()}
            self.admin.execute(
                f"insert into public.{name} select * from jsonb_populate_record(null::public.{name}, %s)",  # type: ignore[arg-type]
                [json.dumps(again)],
            )
        self.admin.execute(f"select {self._restart_sequences}")  # type: ignore[arg-type]

    def call(self, function: str, arguments: dict[str, Any], now: datetime) -> Any:
        """Call a function as a process would, with its time passed in."""
        given = arguments if "now" in arguments or function not in self._with_now else {**arguments, "now": now}
        return answer(self.connection, *query(function, given))

    def rows(self, query: str, values: Any = None) -> list[tuple[Any, ...]]:
        """What an onlooker sees."""
        return self.admin.execute(query, values).fetchall()  # type: ignore[arg-type]

    def leaks(self, last: datetime) -> list[tuple[str, datetime]]:
        """Every stored time that is not of the story: somebody looked at a real clock."""
        return self.rows(self._leaks, {"from": EPOCH.replace(hour=0), "to": last})  # type: ignore[return-value]

    def keep_aside(self) -> None:
        """Make a backup."""
        self.admin.execute("drop schema if exists simulation_backup cascade; create schema simulation_backup")
        for table in self.tables:
            aside = table.replace("public.", "simulation_backup.")
            self.admin.execute(f"create table {aside} as table {table}")  # type: ignore[arg-type]

    def put_back(self) -> None:
        """Restore it. The ids of rows go on: no two databases ever draw the same."""
        self._delete_all()
        for table in self.tables:
            aside = table.replace("public.", "simulation_backup.")
            overriding = " overriding system value" if table == "public.audit_log" else ""
            self.admin.execute(f"insert into {table}{overriding} select * from {aside}")  # type: ignore[arg-type]

    def _delete_all(self) -> None:
        """Every row; the replica's role that this connection has lets no trigger and no reference see it."""
        self.admin.execute("; ".join(f"delete from {table}" for table in self.tables))  # type: ignore[arg-type]

    def _heard(self, notice: psycopg.Notify) -> None:
        if notice.channel == WORK_CHANNEL:
            self.on_work()
        else:
            self.on_notice(json.loads(notice.payload))


class SimulatedDatabase:
    """The port of one process: what may happen to a call between the process and the database, happens here."""

    kind: Kind = "postgres"
    can_listen = True

    def __init__(self, ground: Ground, world: World, chooser: Chooser, process: Process, story: Any) -> None:
        self._ground, self._world, self._chooser, self._process, self._story = ground, world, chooser, process, story
        self._waiter: Waiter | None = None
        self._is_noted = False

    def call(self, function: str, /, **arguments: Any) -> Any:
        """See `port.Database.call`."""
        return self.run(function, self._story.subject(arguments), lambda now: self._call(function, arguments, now))

    def _call(self, function: str, arguments: dict[str, Any], now: datetime) -> Any:
        answer = self._ground.call(function, arguments, now)
        self._story.committed(function, arguments, answer, (now - EPOCH).total_seconds())
        return answer

    def run(self, what: str, subject: str, do: Callable[[datetime], Any]) -> Any:
        """One request to the database, with its way there and back. Raises Unavailable, and what `do` raises."""
        world, process, chooser = self._world, self._process, self._chooser
        process.check_alive()
        name = self._story.numbered(f"{process.name}/{what}/{subject}")
        world.sleep(chooser.span(f"way/{name}", 0.001, 0.01))
        if self._is_away(name) or self._goes_wrong("database-lost-before", name, subject):
            world.sleep(chooser.span(f"away/{name}", 0.05, 2))
            raise Unavailable
        if self._dies("crash-before", name, subject):
            process.die()
        now = world.date
        self._slow("database-slow", name, subject, 8)  # somebody has the lock
        self._story.tell(process.name, f"{what} {subject}")
        answer = do(now)
        if self._dies("crash-after", name, subject):
            process.die()
        self._slow("answer-slow", name, subject, 90)
        if self._goes_wrong("database-lost-after", name, subject):
            world.sleep(chooser.span(f"away/{name}", 0.05, 2))
            raise Unavailable
        world.sleep(chooser.span(f"back/{name}", 0.001, 0.01))
        process.check_alive()
        return answer

    def _is_away(self, name: str) -> bool:
        is_away: bool = self._story.is_database_away()
        if is_away:
            self._story.note_trouble(5.0)
        return is_away

    def _goes_wrong(self, kind: str, name: str, subject: str) -> bool:
        if not self._story.fault(kind, name, subject):
            return False
        self._story.note_trouble(5.0)  # who takes a hang-up and is stopped then, keeps it for so long
        return True

    def _slow(self, kind: str, name: str, subject: str, most: float) -> None:
        if self._story.fault(kind, name, subject):
            seconds = self._chooser.span(f"{kind}/{name}", 0.3, most)
            self._story.note_trouble(seconds + 5.0)
            self._world.sleep(seconds)

    def _dies(self, kind: str, name: str, subject: str) -> bool:
        return self._process.name != "people" and self._goes_wrong(kind, name, subject)

    def wait_for_work(self, timeout_seconds: float) -> bool:
        """See `port.Database.wait_for_work`."""
        self._process.check_alive()
        if not self._is_noted:
            self._waiter = Waiter(self._world)
            self._world.wait(self._waiter, timeout_seconds)
            self._waiter = None
        was_noted, self._is_noted = self._is_noted, False
        return was_noted

    def notice(self) -> None:
        """There is work."""
        self._is_noted = True
        if self._waiter is not None:
            self._waiter.wake()

    def wake(self) -> None:
        """See `port.Database.wake`."""
        self.notice()

    def close(self) -> None:
        """See `port.Database.close`."""
