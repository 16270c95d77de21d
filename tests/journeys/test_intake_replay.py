"""A mail from a file is taken in by the rules of the ledger, also while a worker reads the mailbox."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from intake import wording
from intake.replay import header_of, replay
from models.mail import Mailbox, MailItem, MailSlot
from models.receipts import Notice
from models.tramites import Tramite
from rules.mail import MailOutcome
from tests.journeys.test_intake import EARLIER, POISON, Desk, desk, password_pool, ready, until
from tests.unit.intake.mails import PDF, raw_mail, write_mail

if TYPE_CHECKING:
    from intake.replay import Replayed

__all__ = ["desk", "password_pool"]

CONTENT = write_mail(("a.pdf", PDF)).as_bytes()


async def replayed(desk: Desk, content: bytes = CONTENT, **changes: object) -> Replayed:
    source = replace(desk.source, **changes)  # pyright: ignore[reportArgumentType]
    return await replay(desk.means, source, io.BytesIO(content), received_at=EARLIER)


async def test_a_replayed_mail_becomes_a_tramite_as_of_when_it_came(desk: Desk) -> None:
    result = await replayed(desk)

    assert (result.item.outcome, result.was_known) == (MailOutcome.FILED, False)
    assert (await Tramite.get()).sent_at == EARLIER
    assert (await Mailbox.get()).holder is None


async def test_the_same_bytes_are_filed_once_whatever_their_line_ends(desk: Desk) -> None:
    first = await replayed(desk)

    second = await replayed(desk, CONTENT.replace(b"\r\n", b"\n"))

    assert (second.item.id, second.was_known) == (first.item.id, True)
    assert (await Tramite.all().count(), await MailSlot.filter(duplicate=True).count()) == (1, 1)


async def test_a_mail_that_came_by_the_server_is_not_filed_again_while_its_worker_runs(desk: Desk) -> None:
    async with desk.working() as worker:
        await until(lambda: ready(worker), True)
        await desk.put(CONTENT)
        await desk.until_placed(Procesados=1)

        result = await replayed(desk)

        assert result.was_known
        await desk.put(write_mail(("b.pdf", PDF), subject="b").as_bytes())
        await desk.until_placed(Procesados=2)
    assert await Tramite.all().count() == 2


async def test_a_mail_replayed_first_is_a_duplicate_when_the_server_has_it(desk: Desk) -> None:
    await replayed(desk)
    await desk.put(CONTENT)

    async with desk.working():
        await desk.until_placed(Procesados=1)

    assert (await Tramite.all().count(), await MailItem.all().count(), await MailSlot.all().count()) == (1, 1, 2)


async def test_later_than_now_is_now(desk: Desk) -> None:
    await replay(desk.means, desk.source, io.BytesIO(CONTENT), received_at=desk.clock() + timedelta(days=1))

    assert (await Tramite.get()).sent_at == desk.clock()


async def test_a_mail_that_breaks_the_parser_is_kept_for_people(desk: Desk) -> None:
    result = await replayed(desk, POISON + b"\r\n" + CONTENT)

    assert (result.item.outcome, result.item.reason) == (MailOutcome.QUARANTINED, "FAILED")


async def test_of_a_mail_that_is_too_long_the_header_is_kept_and_it_is_received(desk: Desk) -> None:
    result = await replayed(desk, longest_mail=100)

    kept = b"".join([chunk async for chunk in desk.means.tools.store.read(result.item.original_id)])
    assert (result.item.outcome, result.item.reason) == (MailOutcome.FILED, "TOO_LARGE")
    assert kept == header_of(CONTENT)
    assert wording.TOO_LARGE in (await Tramite.get()).missing


@pytest.mark.parametrize(
    ("mail", "missing"),
    [
        (raw_mail("From: rosa@example.pe\nSubject: Pido copia\n\nSin adjunto"), "documento principal"),
        (raw_mail("Subject: Pido copia\n\nDe nadie que se conozca"), "documento principal"),
    ],
    ids=["without main document", "without sender"],
)
async def test_a_mail_that_lacks_something_is_received_at_the_office_of_its_mailbox(
    desk: Desk, mail: bytes, missing: str
) -> None:
    result = await replayed(desk, mail)

    tramite = await Tramite.get().prefetch_related("office")
    assert (result.item.outcome, tramite.office.code, tramite.sent_at) == (MailOutcome.FILED, "SEDE-CENTRAL", EARLIER)
    assert any(missing in each for each in tramite.missing)
    assert await Notice.filter(tramite=tramite).count() == 1
