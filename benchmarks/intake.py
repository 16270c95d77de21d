"""Measure the mail intake against the floor of the same run: processor, memory, delay, backlog."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure, parser, run
from benchmarks.ground import prepared
from benchmarks.intake_backlog import measure_backlog
from benchmarks.intake_floor import KILOBYTE, MEGABYTE, floor_seconds, mail_of, write_mails
from benchmarks.intake_reference import measure_reference
from files.folder import FOLDERS
from tests.servers.dovecot import CERTIFICATE, Dovecot

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator

    from benchmarks.ground import Ground
    from tests.servers.dovecot import Account

ROOT = Path(__file__).parents[1]
TICKS_PER_SECOND = 100
PATIENCE_SECONDS = 900.0
SMALL, BIG = 100 * KILOBYTE, 20 * MEGABYTE
LARGEST = (20 * MEGABYTE, 30 * MEGABYTE, *4 * (5 * MEGABYTE,))
"""A main document and five annexes, each at its limit: 96 MB on their way."""

GLANCE_SECONDS = 0.02
SPARE_SECONDS = 2.0
"""So long until the jail's spare child has started as well."""

WAITING_FOLDER = "Cuarentena"
"""Where mails lie until they appear in the mailbox all at once."""


@dataclass
class Part:
    """A running intake, and what it has told."""

    pid: int
    told: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def times(self, what: str) -> list[float]:
        """Return when that has happened."""
        return [each["at"] for each in self.told if each["what"] == what]

    async def until(self, what: str, number: int) -> None:
        """Wait until that has happened so often."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.times(what)) < number:
                self.news.clear()
                await self.news.wait()

    def cpu_seconds(self) -> float:
        """Return what it and its children have used of the processors."""
        return sum(_ticks(pid) for pid in [self.pid, *_children(self.pid)]) / TICKS_PER_SECOND

    def memory_mebibytes(self, name: str) -> float:
        """Return a line of its memory's state, such as RssAnon."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


class Bench:
    """A mail server, a database, a store with all its folders, as one in use has, and intakes between them."""

    def __init__(self, ground: Ground, dovecot: Dovecot, folder: Path) -> None:
        self.folder = folder
        self._ground = ground
        self._dovecot = dovecot
        self._store = folder / "store"

    def make_store(self) -> None:
        """Make the folders of the store: a hundred thousand files make nearly all of them."""
        for place in range(FOLDERS):
            (self._store / f"sha256/{place >> 8:02x}/{place & 255:02x}").mkdir(parents=True)
        os.sync()

    def account(self) -> Account:
        """Return an account of its own."""
        return self._dovecot.new_account()

    @asynccontextmanager
    async def part(
        self, account: Account, *, records: bool = True, holds: bool = False, tls: bool = False
    ) -> AsyncGenerator[Part]:
        """Run an intake while the block runs."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        (folder / "store").symlink_to(self._store)
        told = {
            "folder": str(folder),
            "database": self._ground.url,
            "port": self._dovecot.tls_port if tls else account.port,
            "certificate": str(CERTIFICATE) if tls else None,
            "user": account.user,
            "password": account.password,
            "records": records,
            "holds": holds,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.intake_part",
            json.dumps(told),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        part = Part(process.pid)
        reading = asyncio.create_task(_read(process, part))
        try:
            yield part
        finally:
            process.kill()
            await process.wait()
            await reading


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Measure all."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mesa-intake-")))
        folder.chmod(0o755)
        ground = await stack.enter_async_context(prepared())
        dovecot = Dovecot(folder / "dovecot", has_tls=True)
        await dovecot.start()
        stack.push_async_callback(dovecot.stop)
        bench = Bench(ground, dovecot, folder)
        await asyncio.to_thread(bench.make_store)
        wanted = arguments.only or ["cpu", "memory", "delay", "backlog"]
        found: list[Figure] = []
        if "cpu" in wanted:
            found += await measure_cpu(bench, "100 kB", number=arguments.small, size_bytes=SMALL, most=2.0)
            found += await measure_cpu(bench, "20 MB", number=arguments.big, size_bytes=BIG, most=1.2)
        if "memory" in wanted:
            found += await measure_memory(bench)
        if "delay" in wanted:
            found += await measure_delay(bench, number=arguments.mails)
            found += await measure_reference(ground.url, folder)
        if "backlog" in wanted:
            found += await measure_backlog(bench, number=arguments.backlog)
        return found


async def measure_cpu(bench: Bench, name: str, *, number: int, size_bytes: int, most: float) -> list[Figure]:
    """Compare the processor time for so many mails with that of the floor, around it in the same run."""
    mails = await asyncio.to_thread(
        write_mails, bench.folder / f"mails of {name}", number=number, size_bytes=size_bytes
    )
    floors = [await asyncio.to_thread(floor_seconds, mails, bench.folder / f"floor before {name}")]
    to_store = await _cpu_of(bench, mails, records=False)
    to_store_by_tls = await _cpu_of(bench, mails, records=False, tls=True)
    to_record = await _cpu_of(bench, mails, records=True)
    floors.append(await asyncio.to_thread(floor_seconds, mails, bench.folder / f"floor after {name}"))
    floor, whole = statistics.mean(floors), f"{number} mails of {name}"
    return [
        Figure(f"{whole}: floor", floor, "CPU s"),
        Figure(f"{whole}: floor", round(1000 * floor / number, 2), "CPU ms a mail"),
        Figure(
            f"{whole}, from the mail server to the store",
            round(to_store / floor, 2),
            "x floor",
            f"<= {most}",
            to_store <= most * floor,
        ),
        Figure(f"{whole}: to the store", round(1000 * to_store / number, 2), "CPU ms a mail"),
        Figure(f"{whole}, to the store, by TLS", round(to_store_by_tls / floor, 2), "x floor"),
        Figure(f"{whole}, from the mail server to the record", round(to_record / floor, 2), "x floor"),
        Figure(f"{whole}: to the record", round(1000 * to_record / number, 2), "CPU ms a mail"),
    ]


async def _cpu_of(bench: Bench, mails: list[Path], *, records: bool, tls: bool = False) -> float:
    """Return the processor seconds of an intake for mails that appear in its mailbox all at once."""
    account = bench.account()
    for path in mails:
        await account.deliver(path.read_bytes(), folder=WAITING_FOLDER)
    async with bench.part(account, records=records, tls=tls) as part:
        await part.until("at rest", 1)
        await account.deliver(mail_of(KILOBYTE, sender="primera@example.pe"))
        await part.until("recorded", 1)  # the jail's child has started
        await part.until("at rest", 1)
        await asyncio.sleep(SPARE_SECONDS)
        before = part.cpu_seconds()
        await account.copy_all(WAITING_FOLDER, "INBOX")
        await part.until("recorded", 1 + len(mails))
        await _emptied(account)
        return part.cpu_seconds() - before


async def measure_memory(bench: Bench) -> list[Figure]:
    """Compare the memory of the worker after a mail of 1 MB with that of one of 100 MB, at its highest."""
    found: list[tuple[float, float]] = []
    for sizes in ((MEGABYTE,), LARGEST):
        account = bench.account()
        async with bench.part(account) as part:
            await part.until("at rest", 1)
            peak = asyncio.create_task(_peak_unshared(part))
            await account.deliver(mail_of(*sizes, sender="grande@example.pe"))
            await part.until("recorded", 1)
            await _emptied(account)
            peak.cancel()
            found.append((await peak, part.memory_mebibytes("VmHWM")))
    more = found[1][0] - found[0][0]
    return [
        Figure(
            "unshared memory, mail of 96 MB with all it may hold more than of 1 MB",
            round(more, 1),
            "MiB",
            "<= 8",
            more <= 8,
        ),
        Figure("worker at its highest", round(found[1][1], 1), "MiB", "< 96", found[1][1] < 96),
    ]


async def measure_delay(bench: Bench, *, number: int) -> list[Figure]:
    """Measure from the server's word of a mail to its commit, one mail after the other."""
    account = bench.account()
    async with bench.part(account) as part:
        await part.until("at rest", 1)
        delays: list[float] = []
        for place in range(number + 3):
            await account.deliver(mail_of(SMALL, sender=f"una{place}@example.pe"))
            await part.until("recorded", place + 1)
            recorded = part.times("recorded")[-1]
            announced = max(at for at in part.times("announced") if at <= recorded)
            delays.append(1000 * (recorded - announced))
            await _emptied(account)
    async with bench.part(account, holds=True) as part:
        await account.deliver(mail_of(BIG, sender="grande@example.pe"))
        await part.until("recorded", 1)
        await part.until("at rest", 1)
        held = next(each for each in reversed(part.told) if each["what"] == "at rest")
    ordered = sorted(delays[3:])
    p50, p99 = statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return [
        Figure("from the server's word to the commit, p50", round(p50, 1), "ms", "< 15", p50 < 15),
        Figure("from the server's word to the commit, p99", round(p99, 1), "ms", "< 60", p99 < 60),
        Figure(
            "event loop held by one callback, 20 MB mail",
            round(1000 * held["held"], 1),
            "ms",
            "<= 20",
            held["held"] <= 0.02,
        ),
        Figure("of that on the processor", round(1000 * held["busy"], 1), "ms"),
    ]


async def _peak_unshared(part: Part) -> float:
    highest = 0.0
    try:
        while True:
            highest = max(highest, part.memory_mebibytes("RssAnon"))
            await asyncio.sleep(GLANCE_SECONDS)
    except asyncio.CancelledError:
        return highest


async def _emptied(account: Account) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        home = account.server.root / "mail" / account.user
        while any((home / "cur").iterdir()) or any((home / "new").iterdir()):
            await asyncio.sleep(GLANCE_SECONDS)


async def _read(process: asyncio.subprocess.Process, part: Part) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        part.told.append(json.loads(line))
        part.news.set()


def _ticks(pid: int) -> int:
    """Return the processor time of a process and of those of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15]))


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--small", type=int, default=2000, help="mails of 100 kB")
    command_line.add_argument("--big", type=int, default=20, help="mails of 20 MB")
    command_line.add_argument("--mails", type=int, default=100, help="mails whose delay is measured")
    command_line.add_argument("--backlog", type=int, default=10_000, help="mails of the backlog")
    command_line.add_argument("--only", nargs="+", choices=["cpu", "memory", "delay", "backlog"])
    run(command_line.parse_args(), measure)
