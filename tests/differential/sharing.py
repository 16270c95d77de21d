"""A worker's share of the documents, on a database of its own."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop

from actions.credentials import PasswordPool
from mesadepartes.database import connected, migrate
from tests.api import in_process, make_feed
from tests.counter import JAILED, Clock, Counter, make_tools
from tests.differential.comparing import PATIENCE_SECONDS, Comparison
from tests.differential.reached import Reached
from tests.differential.world import make_world
from tests.lasting_jail import LastingJail
from tests.servers.postgres import DatabaseServer

AT_ONCE = 1_000
"""So many documents follow from one seed; the next ones follow from the next seed."""


def compare_share(turn: int, workers: int, count: int, seed: int) -> Reached | None:
    """Compare every so manieth thousand of documents; return what was reached, or None if there was a difference."""
    with tempfile.TemporaryDirectory(prefix="mesa-differential-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_compare(Path(made), range(turn * AT_ONCE, count, workers * AT_ONCE), count, seed))


async def _compare(folder: Path, starts: range, count: int, seed: int) -> Reached | None:
    async with AsyncExitStack() as stack:
        server, clock = DatabaseServer(folder / "postgres"), Clock()
        await server.start()
        stack.push_async_callback(server.stop)
        jail, pool = LastingJail(JAILED, may_connect=True), PasswordPool(passes=1, memory_kib=8)
        stack.callback(jail.close)
        stack.callback(pool.close)
        database = await server.new_database(await server.make_template(migrate))
        await stack.enter_async_context(connected(database.web_url, statement_seconds=PATIENCE_SECONDS))
        counter = Counter(make_tools(folder, clock=clock, jail=jail, hasher=pool), clock)
        await counter.open()
        api = await stack.enter_async_context(in_process(counter, make_feed(database)))
        world = await make_world(api, counter, database, server.superuser_url(database.name))
        return await _thousands(Comparison(counter, world), starts, count, seed)


async def _thousands(comparison: Comparison, starts: range, count: int, seed: int) -> Reached | None:
    reached = Reached()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    for start in starts:
        began = time.perf_counter(), time.process_time()
        most, chosen = min(AT_ONCE, count - start), seed + start // AT_ONCE
        compared = await comparison.run(most, seed=chosen)
        for who, asked, plain, compiled in compared.different:
            tell(f"seed {chosen}, {who}: {asked}\nplainly: {plain.decode()}\nby plans: {compiled.decode()}")
            return None
        reached.add(compared.reached)
        passed = [1000 * (now - then) / most for now, then in zip(_clocks(), began, strict=True)]
        tell(f"{start + most:>8} {passed[0]:.1f} ms each, {passed[1]:.1f} of the processor")
    return reached


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def tell(text: str) -> None:
    """Say something to who started it."""
    print(text, flush=True)  # noqa: T201 - what the program is for
