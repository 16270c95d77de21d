"""
Fixtures of the real servers.

Each server starts when a test first asks for it and serves the whole session.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from mesadepartes.database import migrate
from tests.counter import JAILED
from tests.lasting_jail import LastingJail
from tests.servers import clamd as clamds
from tests.servers import dovecot as dovecots
from tests.servers.clamd import ClamdServer
from tests.servers.dovecot import Account, Dovecot
from tests.servers.postgres import Database, DatabaseServer
from tests.servers.seaweed import Seaweed
from tests.servers.sink import Sink

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""

ROOM_BYTES = 2 << 30
"""What must be free there: several times what the servers of a session need."""


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """Return a folder with a short path that other users may walk to, removed at the session's end."""
    folder = Path(tempfile.mkdtemp(prefix="mesa-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def database_folder(servers_folder: Path) -> Iterator[Path]:
    """Return a folder in memory if there is room: every test has some hundred files of a database copied."""
    if not has_room(MEMORY):
        yield servers_folder
        return
    folder = Path(tempfile.mkdtemp(prefix="mesa-tests-", dir=MEMORY))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def has_room(disk: Path) -> bool:
    """Tell whether a database server may live on *disk*, programs and all."""
    if not os.access(disk, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize >= ROOM_BYTES and not found.f_flag & os.ST_NOEXEC


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_server(database_folder: Path) -> AsyncIterator[DatabaseServer]:
    """Return the session's PostgreSQL."""
    server = DatabaseServer(database_folder / "postgres")
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_template(database_server: DatabaseServer) -> str:
    """Return the name of the migrated database that each test's own is copied from."""
    return await database_server.make_template(migrate)


@pytest_asyncio.fixture
async def database(database_server: DatabaseServer, database_template: str) -> AsyncIterator[Database]:
    """Return a migrated database of this test's own."""
    database = await database_server.new_database(database_template)
    yield database
    await database_server.drop_database(database.name)


@pytest_asyncio.fixture
async def empty_database(database_server: DatabaseServer) -> AsyncIterator[Database]:
    """Return a database of this test's own without any table."""
    database = await database_server.new_database()
    yield database
    await database_server.drop_database(database.name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def dovecot(servers_folder: Path) -> AsyncIterator[Dovecot]:
    """Return the session's IMAP server."""
    if reason := dovecots.why_missing():
        pytest.skip(reason)
    server = Dovecot(servers_folder / "dovecot")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def mail_account(dovecot: Dovecot) -> Account:
    """Return an IMAP account of this test's own."""
    return dovecot.new_account()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def clamd(servers_folder: Path) -> AsyncIterator[ClamdServer]:
    """Return the session's antivirus."""
    if reason := clamds.why_missing():
        pytest.skip(reason)
    server = ClamdServer(servers_folder / "clamd")
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def sink() -> AsyncIterator[Sink]:
    """Return an SMTP server of this test's own, in its event loop."""
    sink = Sink()
    await sink.start()
    yield sink
    await sink.stop()


@pytest.fixture(scope="session")
def lasting_jail() -> Iterator[LastingJail]:
    """Return one jail for all tests: to start its child costs more than what most of them do."""
    jail = LastingJail(JAILED, may_connect=True)  # among others it asks the antivirus
    yield jail
    jail.close()


@pytest.fixture(scope="session")
def pdf_text() -> Callable[[Path], str]:
    """Return a function from a PDF to its text as readers of screens and search engines see it."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext is missing: apt-get install poppler-utils")

    def read(path: Path) -> str:
        command = [program, "-layout", str(path), "-"]
        return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()

    return read


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def seaweed(database_folder: Path) -> AsyncIterator[Seaweed]:
    """Return the session's S3 service."""
    server = Seaweed(database_folder / "seaweed")
    await server.start()
    yield server
    await server.kill()
