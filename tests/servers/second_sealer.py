"""
Whoever seals receipts in a process of their own, over the same database and the same store: prints what was kept.

Told a step, it kills itself there: before it (`-name`) or after it (`+name`).
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from actions.credentials import PasswordPool
from actions.press import RENDER
from actions.sealing import sealed_receipt
from files.jail import Jail
from mesadepartes.database import connected
from models.receipts import Receipt
from tests.counter import Clock, make_tools
from tests.crash.steps import replace_at

STEPS = {
    "press": "actions.press:Press.press",
    "expect": "actions.sealing:expect_contents",
    "put": "files.store:Store.put_bytes",
    "take": "actions.sealing:take_contents",
    "commit": "asyncpg.transaction:Transaction.commit",
}


async def seal(url: str, folder: str, at: str, receipt_id: str, callers: str, step: str) -> None:
    """Have so many ask for a receipt at once, and print the SHA-256 of what each was given."""
    clock, jail, pool = Clock(datetime.fromisoformat(at)), Jail([RENDER]), PasswordPool(1)
    tools = make_tools(Path(folder), clock=clock, jail=jail, hasher=pool)
    async with connected(url):
        receipt = await Receipt.get(id=receipt_id)
        if step:
            replace_at(STEPS[step[1:]], functools.partial(_deadly, is_before=step[0] == "-"))
        kept = await asyncio.gather(*(sealed_receipt(tools, receipt) for _ in range(int(callers))))
    sys.stdout.write(json.dumps([each.sha256 for each in kept]))
    await jail.close()
    pool.close()


def _deadly(function: Any, *, is_before: bool) -> Any:
    @functools.wraps(function)
    async def dying(*arguments: Any, **named: Any) -> None:
        if not is_before:
            await function(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return dying


if __name__ == "__main__":
    asyncio.run(seal(*sys.argv[1:]))
