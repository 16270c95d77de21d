"""The whole counter on one machine: PostgreSQL, a mail server for development, and the parts, each a process."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesadepartes.clock import now
from mesadepartes.development import LOCAL, SEAL_FOLDER, development_environ
from mesadepartes.ground import CannotRun, folder_held, private_file, wait_for_ports
from mesadepartes.lifetime import stop_on_signals
from mesadepartes.supervision import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Part, PartFailed
from mesadepartes.welcome import welcome

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from mesadepartes.embedded.postgres import LocalPostgres
    from mesadepartes.settings import Settings

logger = logging.getLogger(__name__)

READY_SECONDS = 90.0
GLANCE_SECONDS = 0.05


async def run(settings: Settings, environ: Mapping[str, str], *, say: Callable[[str], None]) -> None:
    """
    Run the counter until SIGTERM or SIGINT; a second one ends the parts at once.

    Raises:
        CannotRun: another one runs on the same folder, a port is taken, or a part has failed for good.
    """
    stopping = stop_on_signals()
    with folder_held(settings.data):
        await wait_for_ports(settings)
        async with _database(settings) as database:
            counter = Counter(settings, _environ_of_parts(settings, environ, database), say=say)
            try:
                await _until(stopping, counter, database)
            finally:
                say("Deteniendo la mesa de partes…")
                _kill_at_second_signal(counter)
                await counter.stop()
    say("La mesa de partes se detuvo.")


async def _until(stopping: asyncio.Event, counter: Counter, database: Database) -> None:
    working = asyncio.create_task(_work(counter, database))
    waiting = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        working.cancel()
        waiting.cancel()
        await asyncio.wait({working, waiting})
    if not working.cancelled():
        working.result()


async def _work(counter: Counter, database: Database) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(database.keep())
            await counter.start(group)
    except ExceptionGroup as failures:
        known, unknown = failures.split((PartFailed, CannotRun))
        if known is None or unknown is not None:
            raise
        # Not by `except*`: what it raises, some versions of Python 3.11 wrap in a group again.
        raise CannotRun(str(known.exceptions[0])) from None


def _kill_at_second_signal(counter: Counter) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, counter.kill)


class Counter:
    """The parts of the counter."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], *, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._prepare = Part("prepare", "prepare", environ=environ)
        self._web = Part("web", "web", environ=environ)
        self._intake = Part("intake", "intake", "run", environ=environ)
        self._delivery = Part("delivery", "delivery", "run", environ=environ)
        self._rounds = Part("rounds", "rounds", "run", environ=environ)
        self._mail = Part("mail", "mail-server", environ=environ)

    async def start(self, group: asyncio.TaskGroup) -> None:
        """Start the parts, which *group* keeps from then on; return when they serve and where to go was said."""
        group.create_task(self._web.keep())
        group.create_task(self._mail.keep())
        await self._prepare.run_once()
        group.create_task(self._intake.keep())
        group.create_task(self._delivery.keep())
        group.create_task(self._rounds.keep())
        await _serving(self._settings)
        self._say(welcome(self._settings))

    async def stop(self) -> None:
        """Stop the doors first, then what they use."""
        for part in self._in_order():
            await part.stop()

    def kill(self) -> None:
        """End all parts at once."""
        for part in self._in_order():
            part.kill()

    def _in_order(self) -> tuple[Part, ...]:
        return self._prepare, self._web, self._intake, self._rounds, self._delivery, self._mail


async def _serving(settings: Settings) -> None:
    """Wait until the web part says that it is ready."""
    host = LOCAL if settings.http_host in ("0.0.0.0", "") else settings.http_host  # noqa: S104 - compared, not bound
    try:
        async with asyncio.timeout(READY_SECONDS):
            while not await _is_ready(host, settings.http_port):  # noqa: ASYNC110 - another process
                await asyncio.sleep(GLANCE_SECONDS)
    except TimeoutError:
        raise CannotRun("La parte «web» no llegó a atender; el motivo está más arriba.") from None


async def _is_ready(host: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        writer.write(f"GET /readyz HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        return (await reader.readline()).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
    finally:
        writer.close()


@dataclass(frozen=True)
class Database:
    """Where the record is; `embedded` when it is ours to keep running."""

    url: str
    owner_url: str
    embedded: LocalPostgres | None = None

    async def keep(self) -> None:
        """Start the embedded server again should it end, however often that fails, until cancelled."""
        from mesadepartes.embedded.postgres import PostgresFailed

        pause = FIRST_PAUSE_SECONDS
        while self.embedded is not None:
            await self.embedded.ended()
            logger.error("PostgreSQL ended and is started again", extra={"action": "postgres_ended"})
            try:
                await self.embedded.stop()
                await self.embedded.start()
                pause = FIRST_PAUSE_SECONDS
            except (PostgresFailed, TimeoutError, OSError) as error:
                # On a full disk, say: it may have room again, and until then the parts wait.
                logger.error("PostgreSQL does not start: %s", error, extra={"action": "postgres_failed"})  # noqa: TRY400
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


@asynccontextmanager
async def _database(settings: Settings) -> AsyncGenerator[Database]:
    """Take the configured database, or else start the embedded one."""
    if settings.database_url is not None:
        yield Database(settings.database_url, settings.owner_database_url or settings.database_url)
        return
    from mesadepartes.embedded.postgres import LocalPostgres, PostgresFailed
    from mesadepartes.embedded.postgres_binaries import PostgresMissing
    from mesadepartes.embedded.postgres_folder import FolderInUse

    postgres = LocalPostgres(settings.data / "postgres")
    try:
        await postgres.start()
    except (PostgresFailed, PostgresMissing, FolderInUse, TimeoutError, OSError) as error:
        raise CannotRun(f"PostgreSQL no pudo iniciarse: {error}") from None
    try:
        yield Database(postgres.web_url, postgres.owner_url, postgres)
    finally:
        await postgres.stop()


def _environ_of_parts(settings: Settings, environ: Mapping[str, str], database: Database) -> dict[str, str]:
    """Return the environment of the parts. Secrets go by file: others may see an environment, and logs keep it."""
    folder, keys = settings.data / "secrets", settings.second_factor_keys
    files = {
        "MESA_DATABASE_URL": private_file(folder / "database-url", database.url),
        "MESA_OWNER_DATABASE_URL": private_file(folder / "owner-database-url", database.owner_url),
        "MESA_IMAP_PASSWORD": private_file(folder / "imap-password", settings.imap_password),
        "MESA_SECRET_KEY": private_file(folder / "secret-key", settings.secret_key),
        "MESA_SECOND_FACTOR_KEYS": private_file(folder / "second-factor-keys", ",".join(keys) if keys else None),
    }
    ours = {name: value for name, value in development_environ(environ).items() if name not in files}
    theirs = {"MESA_DATA": str(settings.data.absolute())} | {f"{name}_FILE": path for name, path in files.items()}
    return ours | theirs | _seal_of(settings)


def _seal_of(settings: Settings) -> dict[str, str]:
    """Return the settings of the seal for development."""
    from mesadepartes.development_seal import keep_development_seal

    assert settings.entity_name is not None
    return keep_development_seal(settings.data / SEAL_FOLDER, settings.entity_name, at=now())
