"""A mail that was copied into the mailbox days after our mail server had received it: its date, and the audit of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest

from intake.audit import Scope, audit
from intake.proof import OwnServers
from models.mail import MailItem
from models.tramites import Tramite
from rules.mail_audit import DifferenceKind
from tests.journeys.test_intake import EARLIER, Desk, desk, password_pool
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from datetime import datetime

    from tests.servers.postgres import Database

__all__ = ["desk", "password_pool"]

OURS: Final = OwnServers(names=frozenset({"mx.mesa.pe"}))
BACK: Final = (
    "WITH m AS (UPDATE mail_items SET received_at = received_at - interval '1 hour' RETURNING tramite_id, received_at)"
    " UPDATE tramites t SET sent_at = m.received_at FROM m WHERE t.id = m.tramite_id"
)


def received(at: datetime) -> bytes:
    """Return what our mail server writes of a mail that it received then."""
    return f"Received: from mail.example.pe by mx.mesa.pe with ESMTPS id 1; {at:%a, %d %b %Y %H:%M:%S %z}\r\n".encode()


async def differences(desk: Desk) -> list[DifferenceKind]:
    found = audit(desk.means.tools, [desk.source], Scope(desk.clock()))
    return [each.kind async for each in found]


@pytest.mark.parametrize(
    ("date", "servers"), [(EARLIER - timedelta(days=3), OURS), (EARLIER, OwnServers()), (EARLIER, None)]
)
async def test_a_mail_copied_later_has_the_date_at_which_our_server_had_it(
    desk: Desk, database: Database, date: datetime, servers: OwnServers | None
) -> None:
    desk.source = replace(desk.source, servers=servers)
    await desk.put(received(EARLIER - timedelta(days=3)) + write_mail(("a.pdf", PDF)).as_bytes())
    async with desk.working():
        await desk.until_placed(Procesados=1)
    desk.clock.advance(hours=1)

    assert ((await Tramite.get()).sent_at, (await MailItem.get()).received_at) == (date, date)
    assert await differences(desk) == []

    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(BACK)
    await connection.close()
    assert await differences(desk) == [DifferenceKind.WRONG_DATE]
