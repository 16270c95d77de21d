"""A worker that is killed at random moments loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import hashlib
import random
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from actions.administration import plant_offices
from mesadepartes.database import connected
from models.mail import Mailbox, MailSlot
from models.receipts import Notice
from models.tramites import Attachment, Tramite
from tests.journeys.test_intake import count_mails, until
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database

MAILS = 40
KILLS = 6
PATIENCE_SECONDS = 60


@asynccontextmanager
async def intake_process(folder: Path, database: Database, account: Account) -> AsyncGenerator[None]:
    """Run an intake in a process of its own, and kill it at the end of the block."""
    arguments = [str(folder), database.web_url, str(account.port), account.user, account.password]
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.journeys.intake_process", *arguments, cwd=root, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()
        # What the lease's ten seconds would do.
        await Mailbox.all().update(leased_until=None)


async def test_killing_it_again_and_again_loses_and_doubles_nothing(
    database: Database, mail_account: Account, tmp_path: Path
) -> None:
    contents = [PDF + b"%d" % n for n in range(MAILS)]
    for content in contents:
        await mail_account.deliver(write_mail(("a.pdf", content)).as_bytes())
    async with connected(database.web_url):
        await plant_offices()

        for _ in range(KILLS):
            async with intake_process(tmp_path, database, mail_account):
                await until_one_more()
                await asyncio.sleep(random.uniform(0, 0.1))  # where it is killed is the point
        async with intake_process(tmp_path, database, mail_account):
            await until(lambda: asyncio.to_thread(count_mails, mail_account), {"Procesados": MAILS})
            await until(lambda: MailSlot.filter(moved_at__isnull=False).count(), MAILS)

        filed = [attachment.content_id for attachment in await Attachment.all()]
        assert sorted(filed) == sorted(hashlib.sha256(content).hexdigest() for content in contents)
        assert await Tramite.all().count() == MAILS
        assert await Notice.all().count() == MAILS


async def until_one_more() -> None:
    """Wait until another mail has been filed."""
    before, deadline = await Tramite.all().count(), time.monotonic() + PATIENCE_SECONDS
    while await Tramite.all().count() == before:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)
