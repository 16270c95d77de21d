"""
Asks many documents plainly and by plans, on a database of its own: `python -m tests.differential 100000 [SEED]`.

Ends with 1 at the first thousand that holds a difference, and shows it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import Counter as Tally
from pathlib import Path

from actions.credentials import PasswordPool
from mesadepartes.database import connected, migrate
from tests.api import in_process, make_feed
from tests.counter import JAILED, Clock, Counter, make_tools
from tests.differential.comparing import Comparison
from tests.differential.world import make_world
from tests.lasting_jail import LastingJail
from tests.servers.postgres import DatabaseServer

AT_ONCE = 1_000


async def _compare(folder: Path, count: int, seed: int) -> int:
    server, clock = DatabaseServer(folder / "postgres"), Clock()
    await server.start()
    pool, jail = PasswordPool(passes=1, memory_kib=8), LastingJail(JAILED, may_connect=True)
    try:
        database = await server.new_database(await server.make_template(migrate))
        async with connected(database.web_url):
            counter = Counter(make_tools(folder, clock=clock, jail=jail, hasher=pool), clock)
            await counter.open()
            async with in_process(counter, make_feed(database)) as api:
                world = await make_world(api, counter, database, server.superuser_url(database.name))
                return await _thousands(Comparison(counter, world), count, seed)
    finally:
        pool.close()
        await server.stop()


async def _thousands(comparison: Comparison, count: int, seed: int) -> int:
    outcomes = Tally[str]()
    for done in range(0, count, AT_ONCE):
        compared = await comparison.run(min(AT_ONCE, count - done), seed=seed + done)
        outcomes += compared.outcomes
        print(f"{done + AT_ONCE:>8} {compared.planned:.3f} {dict(outcomes.most_common())}", flush=True)  # noqa: T201 - what the program is for
        for who, asked, plain, compiled in compared.different[:1]:
            print(f"{who}: {asked}\nplainly: {plain.decode()}\nby plans: {compiled.decode()}")  # noqa: T201
            return 1
    return 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="mesa-differential-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        wanted, chosen = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
        raise SystemExit(asyncio.run(_compare(Path(made), wanted, chosen)))
