"""The embedded server under real processes: started once, shared, stopped by the last, unhurt by kill -9."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from autolynx.database import embedded
from autolynx.database.embedded import EmbeddedDatabase
from autolynx.database.embedded.cluster import Cluster
from autolynx.errors import Unavailable
from rig.guard import is_alive
from rig.waiting import eventually
from tests.support.run import temporary_folder

ROOT = Path(__file__).parents[2]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

# A lone command: works on the database, then waits for a line on its input and ends.
COMMAND = """
import os, sys
from pathlib import Path
from autolynx.database.embedded import EmbeddedDatabase
if len(sys.argv) > 2:  # become somebody else; the interpreter itself may be out of their reach
    os.setgroups([])
    os.setgid(int(sys.argv[3]))
    os.setuid(int(sys.argv[2]))
database = EmbeddedDatabase(Path(sys.argv[1]))
with database._connections.borrowed() as connection:
    connection.execute("select pg_advisory_lock(1)")
    connection.execute("create table if not exists works (pid int)")
    connection.execute("select pg_advisory_unlock(1)")
    connection.execute("insert into works values (pg_backend_pid())")
print("ready", flush=True)
sys.stdin.readline()
database.close()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_folder() as home:
        yield home / "home"
        embedded.stop(home / "home")


def command(home: Path, somebody: pwd.struct_passwd | None = None) -> subprocess.Popen[str]:
    user = [str(somebody.pw_uid), str(somebody.pw_gid)] if somebody else []
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(home), *user],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def until_ready(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.communicate()


def finish(process: subprocess.Popen[str]) -> None:
    output = process.communicate("\n", timeout=60)
    assert process.returncode == 0, output


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def postmaster(home: Path) -> psutil.Process:
    return psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))


def works(home: Path) -> int:
    with psycopg.connect(embedded.running_uri(home) or "nowhere") as connection:
        return connection.execute("select count(*) from works").fetchone()[0]


def test_it_runs_only_while_somebody_uses_it(home: Path):
    assert embedded.running_uri(home) is None
    first, second = command(home), command(home)
    until_ready(first, second)
    assert works(home) == 2

    finish(first)
    assert embedded.running_uri(home) is not None

    finish(second)
    assert embedded.running_uri(home) is None


def test_it_keeps_what_was_written_when_started_again(home: Path):
    for count in (1, 2):
        embedded.start(home)
        process = command(home)
        until_ready(process)
        finish(process)
        assert works(home) == count
        embedded.stop(home)
        assert embedded.running_uri(home) is None


def test_it_starts_one_server_when_eight_start_it_at_once(home: Path):
    processes = [command(home) for _ in range(8)]
    until_ready(*processes)

    assert works(home) == 8
    servers = [
        found
        for found in psutil.process_iter(["cmdline"])
        if f"{home}/postgres" in (found.info["cmdline"] or []) and "-D" in found.info["cmdline"]
    ]
    assert len(servers) == 1
    for process in processes:
        finish(process)
    assert embedded.running_uri(home) is None


def test_it_does_not_count_a_user_that_was_killed(home: Path):
    killed, other = command(home), command(home)
    until_ready(killed, other)

    kill(killed)
    finish(other)

    assert embedded.running_uri(home) is None


def test_it_joins_the_running_server_when_all_users_were_killed(home: Path):
    processes = [command(home), command(home)]
    until_ready(*processes)
    server = postmaster(home)
    for process in processes:
        kill(process)
    assert server.is_running()

    last = command(home)
    until_ready(last)
    assert postmaster(home) == server
    finish(last)

    assert embedded.running_uri(home) is None


def test_it_starts_again_when_everything_was_killed_the_server_too(home: Path):
    process = command(home)
    until_ready(process)
    kill(process)
    postmaster(home).kill()  # leaves postmaster.pid and its own connections behind

    process = command(home)
    until_ready(process)

    assert works(home) == 2
    finish(process)


def test_it_heals_under_a_living_user_when_the_server_was_killed(home: Path):
    embedded.start(home)
    with EmbeddedDatabase(home) as database, database._connections.borrowed() as connection:
        connection.execute("create function public.ping() returns jsonb language sql as 'select to_jsonb(1)'")
    with EmbeddedDatabase(home) as database:
        assert database.call("ping") == 1
        server = postmaster(home)
        processes = [server.pid, *(each.pid for each in server.children())]
        server.kill()
        eventually(lambda: not any(map(is_alive, processes)))  # a call until then is told that its connection ends

        assert database.call("ping") == 1


def test_it_ignores_a_namesake_when_the_old_number_belongs_to_another_program(home: Path):
    embedded.start(home)
    embedded.stop(home)
    note = home / "postgres" / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{home}/postgres\n1\n5432\n{home}/postgres\n\n 0 0\nready   \n")
    if os.geteuid() == 0:
        owner = (home / "postgres").stat()
        os.chown(note, owner.st_uid, owner.st_gid)

    assert embedded.running_uri(home) is None
    assert embedded.start(home)


def test_it_begins_anew_when_it_was_killed_while_making_the_data(home: Path):
    (home / "postgres.new" / "base").mkdir(parents=True)
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")

    assert embedded.start(home)
    assert not (home / "postgres.new").exists()


def test_it_stops_under_its_users_when_the_supervisor_says_so(home: Path):
    embedded.start(home)
    process = command(home)
    until_ready(process)

    embedded.stop(home)

    assert embedded.running_uri(home) is None
    finish(process)


def test_it_stops_when_its_user_just_ends(home: Path):
    script = COMMAND.replace("database.close()", "")
    subprocess.run([sys.executable, "-c", script, str(home)], input="\n", text=True, cwd=ROOT, check=True)

    assert embedded.running_uri(home) is None


@pytest.mark.parametrize("name", ["long-" * 30, "with a space, a comma and an ünicode"])
def test_it_uses_a_short_private_socket_folder_when_the_path_is_unfit(home: Path, name: str):
    unfit = home / name
    try:
        with psycopg.connect(embedded.start(unfit)) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
            socket = Path(connection.info.host)
        assert socket.stat().st_mode & 0o077 == 0
    finally:
        embedded.stop(unfit)
    assert not socket.exists()


def test_it_says_so_when_the_path_cannot_be_given_to_a_shell(home: Path):
    with pytest.raises(Unavailable, match="may not contain"):
        embedded.start(home / "a$b")


def test_it_listens_on_no_network_and_takes_many_connections(home: Path):
    with psycopg.connect(embedded.start(home)) as connection:
        settings = dict(
            connection.execute(
                "select name, setting from pg_settings where name in "
                "('listen_addresses', 'max_connections', 'TimeZone', 'fsync')"
            ).fetchall()
        )

    assert settings == {"listen_addresses": "", "max_connections": "200", "TimeZone": "UTC", "fsync": "on"}
    assert (home / "postgres").stat().st_mode & 0o077 == 0


@needs_root
def test_it_opens_a_closed_parent_folder_to_passing_only(home: Path):
    home.mkdir(mode=0o700)

    embedded.start(home / "deeper")

    assert home.stat().st_mode & 0o777 == 0o711


@pytest.fixture
def somebody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


@needs_root
def test_it_works_as_an_ordinary_user(home: Path, somebody: pwd.struct_passwd):
    home.mkdir()
    os.chown(home, somebody.pw_uid, somebody.pw_gid)
    process = command(home, somebody)
    until_ready(process)

    assert (home / "postgres").stat().st_uid == somebody.pw_uid
    assert works(home) == 1
    finish(process)
    assert embedded.running_uri(home) is None


@needs_root
def test_it_serves_root_as_the_same_user_when_the_data_is_somebodys(home: Path, somebody: pwd.struct_passwd):
    home.mkdir()
    os.chown(home, somebody.pw_uid, somebody.pw_gid)
    for user in (somebody, None):
        process = command(home, user)
        until_ready(process)
        finish(process)

    assert (home / "postgres" / "PG_VERSION").stat().st_uid == somebody.pw_uid


@needs_root
def test_it_says_so_when_the_data_belongs_to_another_user(home: Path, somebody: pwd.struct_passwd):
    embedded.start(home)
    _, errors = command(home, somebody).communicate("\n", timeout=60)

    assert "belongs to another user" in errors.splitlines()[-1]


def test_it_names_the_reason_when_the_server_cannot_start(home: Path):
    embedded.start(home)
    embedded.stop(home)
    with (home / "postgres" / "postgresql.conf").open("a") as file:
        file.write("max_connections_typo = 1\n")

    with pytest.raises(Unavailable, match="configuration file"):
        embedded.start(home)


def test_it_waits_for_a_server_that_is_on_its_way(home: Path):
    embedded.start(home)
    server = postmaster(home)
    server.send_signal(signal.SIGINT)  # a fast shutdown begins

    assert Cluster(home).start()
