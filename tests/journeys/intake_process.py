"""An intake in a process of its own, for tests that kill it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from actions.credentials import PasswordPool
from files.jail import Jail
from intake.imap import Account
from intake.mailbox import Source
from intake.parsing import PARSE
from intake.reception import Means
from intake.spool import Spool
from intake.worker import Worker
from mesadepartes.database import connected
from tests.counter import JAILED, Clock, make_tools


async def work(folder: Path, database_url: str, port: int, user: str, password: str) -> None:
    """Take in mail until killed."""
    jail = Jail([PARSE, *JAILED])
    async with connected(database_url):
        tools = make_tools(folder, clock=Clock(), jail=jail, hasher=PasswordPool())
        means = Means(tools, jail, Spool(folder / "spool"))
        source = Source(Account("127.0.0.1", port, user, password, None), office_code="SEDE-CENTRAL")
        await Worker(means, source).run()


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]))
