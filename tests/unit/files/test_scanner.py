"""The antivirus as the counter uses it: from the jail, a few files at once, and nobody waits for one that is away."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import reduce
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import pytest_asyncio

from files.antivirus import Address, Clamd, Patience
from files.antivirus_probes import AWAY, EICAR, LIMITED, LOCKED, SHORT, TRIMMED, faults_of
from files.jail import Jail, JailBroken, JailFailed, JailFull, JailTimeout
from files.scanner import AT_ONCE, FILE, INSIDE, Scanner
from mesadepartes.antivirus import MEMORY_BYTES
from rules.verdicts import Finding, Judgement, Scan
from tests.corpus.compounds import make_xls, sheet
from tests.infected import PLAIN, listed, zipped
from tests.lasting_jail import ANYWHERE
from tests.rar_archives import rar5
from tests.servers.clamd import RECOMMENDED, ClamdServer
from tests.unit.files.liars import serving, stay_silent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

UNKNOWN = Judgement()
CLEAN, PENDING, PARTLY = (Scan.CLEAN, None), (Scan.PENDING, None), (Scan.PARTLY, None)
MARKED = (Scan.INFECTED, "Mesa.Test.Marker.UNOFFICIAL")
SHORT_PATIENCE = Patience(connect=0.2, send=0.2, answer=0.2, ping=0.2)


@pytest_asyncio.fixture
async def jail() -> AsyncGenerator[Jail]:
    """Return the jail as the counter has it."""
    jail = Jail([FILE, INSIDE], reads=ANYWHERE, may_connect=True, size=AT_ONCE, memory_bytes=MEMORY_BYTES)
    yield jail
    await jail.close()


def put(folder: Path, *files: bytes) -> list[Path]:
    """Return where files lie that hold these."""
    paths = [folder / f"file-{number}" for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    return paths


async def scanned(scanner: Scanner, paths: list[Path]) -> list[tuple[Scan, str | None]]:
    """Return what is said of files of which nothing is known."""
    return await scanner.scan(paths, [UNKNOWN] * len(paths))


async def test_files_and_what_is_inside_are_scanned_twenty_at_once_with_two_cells(
    clamd: ClamdServer, jail: Jail, tmp_path: Path
) -> None:
    kinds = [
        EICAR,
        listed(PLAIN),
        rar5(("v.txt", PLAIN), packed=True),
        listed(b"Estimados:"),
        rar5(("v.txt", b"x"))[:-9],
    ]
    scanner = Scanner(clamd.client(), jail)

    said = await scanned(scanner, put(tmp_path, *kinds * 4))

    assert said == [(Scan.INFECTED, "Eicar-Test-Signature.UNOFFICIAL"), MARKED, MARKED, CLEAN, PARTLY] * 4
    assert await scanner.answers()


async def test_silent_clamd_is_waited_for_once_and_asked_again_when_it_has_rested(
    jail: Jail, tmp_path: Path, clamd: ClamdServer, caplog: pytest.LogCaptureFixture
) -> None:
    paths, loop = put(tmp_path, PLAIN), asyncio.get_running_loop()
    with serving(tmp_path, stay_silent) as address:
        scanner = Scanner(Clamd(address, SHORT_PATIENCE), jail)
        with caplog.at_level(logging.INFO, "files.scanner"):
            first = await scanned(scanner, paths)
            began = loop.time()
            many = await scanned(scanner, paths * 50)
            took = loop.time() - began

    assert first + many == [PENDING] * 51
    assert took < SHORT_PATIENCE.answer
    assert [each.message for each in caplog.records if each.levelno >= logging.ERROR] == [
        "The antivirus does not answer"
    ]
    Path(str(address).removeprefix("unix:")).unlink()
    Path(str(address).removeprefix("unix:")).symlink_to(str(clamd.by_socket).removeprefix("unix:"))
    assert await scanned(scanner, paths) == [PENDING], "nobody has looked yet"
    assert await scanner.answers()
    assert await scanned(scanner, paths) == [MARKED]


class Failing:
    """A jail that fails as it is told when it is to look inside; of the file itself it says that it is clean."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Return the answer of clamd, or fail."""
        assert argument
        assert timeout
        if function == INSIDE:
            raise self._error
        return b'["CLEAN", null, null]'


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (JailTimeout(), PARTLY),
        (JailFailed("MemoryError"), PARTLY),
        (JailFailed("crash"), PENDING),
        (JailFull(), PENDING),
        (JailBroken("no process"), PENDING),
    ],
)
async def test_jail_that_fails_is_a_finding_and_a_picture_needs_none(
    clamd: ClamdServer, tmp_path: Path, error: Exception, said: tuple[Scan, None]
) -> None:
    scanner, paths = Scanner(clamd.client(), Failing(error)), put(tmp_path, b"x")

    assert await scanned(scanner, paths) == [said]
    assert await scanner.scan(paths, [Judgement("png")]) == [CLEAN]
    assert await scanner.scan(paths, [Judgement("png", findings=(Finding.DISGUISED,))]) == [said]


class TakenOver:
    """A jail whose child says what a file made it say."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Say it."""
        return self._said


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[" * 200_000,
        b'["FINE", null, null]',
        b'["CLEAN", null]',
        b'["INFECTED", "a\\u0000", null]',
        b'["INFECTED", "%b", null]' % (b"a" * 201),
        b'["INFECTED", ["a"], null]',
    ],
)
async def test_child_that_talks_nonsense_is_asked_again_later(clamd: ClamdServer, tmp_path: Path, said: bytes) -> None:
    assert await scanned(Scanner(clamd.client(), TakenOver(said)), put(tmp_path, b"x")) == [PENDING]


async def test_nobody_waits_longer_than_is_bearable_for_a_turn(clamd: ClamdServer, tmp_path: Path, jail: Jail) -> None:
    scanner = Scanner(clamd.client(), jail, at_once=1, wait_seconds=0)

    said = await scanned(scanner, put(tmp_path, EICAR, EICAR))

    assert sorted(scan for scan, _ in said) == [Scan.INFECTED, Scan.PENDING]


async def test_missing_file_is_pending(clamd: ClamdServer, tmp_path: Path, jail: Jail) -> None:
    assert await scanned(Scanner(clamd.client(), jail), [tmp_path / "none"]) == [PENDING]


async def test_what_takes_too_much_memory_is_partly_scanned(clamd: ClamdServer, tmp_path: Path) -> None:
    poor = Jail([FILE, INSIDE], reads=ANYWHERE, may_connect=True, memory_bytes=160 << 20)
    try:
        [said] = await scanned(Scanner(clamd.client(), poor), put(tmp_path, listed(bytes(60 << 20))))
    finally:
        await poor.close()

    assert said == PARTLY


@pytest.mark.parametrize(
    ("more", "faults"),
    [
        ("MaxFileSize 25M\nMaxScanSize 100M\nStreamMaxLength 25M", [LOCKED, LIMITED, TRIMMED, SHORT]),
        (RECOMMENDED, []),
    ],
    ids=["as Debian has it", "as documented"],
)
async def test_clamd_that_lets_pass_what_it_must_not_is_told_of(
    servers_folder: Path, more: str, faults: list[str]
) -> None:
    server = ClamdServer(servers_folder / f"clamd-{len(faults)}", more=more)
    await server.start()
    try:
        assert faults_of(server.client(), member_bytes=27 << 20) == faults
    finally:
        await server.stop()


async def test_clamd_that_is_away_is_told_of(jail: Jail) -> None:
    assert await Scanner(Clamd(Address(path="/nowhere")), jail).faults() == [AWAY]


def packed(*files: bytes) -> bytes:
    """Return an archive of several files."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for number, data in enumerate(files):
            archive.writestr(f"{number}.bin", data)
    return file.getvalue()


def deep(data: bytes) -> bytes:
    """Return it in more archives in each other than anybody looks into."""
    return reduce(lambda inner, _: zipped(inner, "a.zip"), range(30), data)


async def test_macros_are_no_malware_and_hide_neither_that_nor_a_limit(
    clamd: ClamdServer, tmp_path: Path, jail: Jail
) -> None:
    macros = make_xls(records=sheet("Hoja1") + sheet("Macro1", 1))
    files = [macros, packed(macros, EICAR), packed(EICAR, macros), packed(deep(b"x"), macros)]
    # Which of the two clamd tells of is a matter of chance.
    by_itself = {clamd.client().scan(BytesIO(files[-1])).scan for _ in range(40)}
    assert Scan.CLEAN in by_itself, "by itself it would pass"

    said = [scan for scan, _ in await scanned(Scanner(clamd.client(), jail), put(tmp_path, *files))]

    assert said == [Scan.CLEAN, Scan.INFECTED, Scan.INFECTED, Scan.PARTLY]


async def test_zip_in_a_pdf_in_a_zip_is_found(clamd: ClamdServer, tmp_path: Path, jail: Jail) -> None:
    assert await scanned(Scanner(clamd.client(), jail), put(tmp_path, zipped(listed(zipped(PLAIN))))) == [MARKED]
