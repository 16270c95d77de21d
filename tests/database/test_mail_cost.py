"""What a mail costs at the database: so many statements and no more, whatever becomes of it."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import pytest

from actions import mail
from actions.attachments import FiledFile
from intake.reception import Arrival, Means, receive
from intake.spool import Spool
from models.mail import MailItem
from rules.catalogue import AttachmentRole
from rules.mail import MailOutcome, Proof, SuppressionReason
from rules.verdicts import Judgement
from tests.counter import PDF
from tests.database.mailing import ANA, lease_of_inbox, received
from tests.unit.intake.mails import write_mail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.counter import Counter
    from tests.lasting_jail import LastingJail

WAYS: Final = ("execute", "executemany", "fetch", "fetchrow", "fetchval")

RECORDED: Final = 4
"""BEGIN, the claim, the filing, COMMIT."""

READ: Final = 3
"""Whether the mail was here before, whose address it comes from, and the policy."""

MOVED: Final = 1


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the statements that are sent from now on, each a round trip."""
    sent: list[str] = []

    def noting(send: Callable[..., Any]) -> Callable[..., Any]:
        async def noted(self: Any, query: str, *values: Any, **options: Any) -> Any:
            sent.append(query)
            return await send(self, query, *values, **options)

        return noted

    for way in WAYS:
        monkeypatch.setattr(asyncpg.Connection, way, noting(getattr(asyncpg.Connection, way)))
    return sent


async def test_whatever_becomes_of_a_mail_it_takes_so_many_statements(counter: Counter, statements: list[str]) -> None:
    await counter.register(email=ANA)
    lease = await lease_of_inbox()
    mails = {
        "first, for which the calendar is read": (await received(counter), RECORDED + 4),
        "filed": (await received(counter), RECORDED),
        "with three files": (await with_files(counter, 3), RECORDED),
        "incomplete": (await received(counter, missing=("Adjunte el documento principal.",)), RECORDED),
        "not answered": (await received(counter, suppression=SuppressionReason.AUTO_SUBMITTED), RECORDED),
        "of an account": (await received(counter, proof=Proof.PROVEN_BY_SERVER), RECORDED + 2),
        "quarantined": (await unfiled(counter, MailOutcome.QUARANTINED), RECORDED),
        "automatic": (await unfiled(counter, MailOutcome.AUTOMATIC), RECORDED),
        "rejected": (await unfiled(counter, MailOutcome.REJECTED), RECORDED + 1),
    }
    spent, allowed = Tally[str](), Tally({name: most for name, (_, most) in mails.items()})

    for name, (each, _) in mails.items():
        statements.clear()
        await mail.record_mail(counter.tools, lease, each)
        spent[name] = len(statements)

    assert spent - allowed == Tally()
    assert await MailItem.all().count() == len(mails)


async def test_a_mail_that_was_moved_takes_one_statement_more(counter: Counter, statements: list[str]) -> None:
    lease, each = await lease_of_inbox(), await received(counter)
    await mail.record_mail(counter.tools, lease, each)
    statements.clear()

    await mail.record_moved(counter.tools, lease, each.slot)

    assert len(statements) <= MOVED


async def test_from_the_file_to_the_record_it_takes_three_more(
    counter: Counter, statements: list[str], lasting_jail: LastingJail, tmp_path: Path
) -> None:
    lease, spool = await lease_of_inbox(), Spool(tmp_path / "spool")
    means = Means(counter.tools, lasting_jail, spool)  # pyright: ignore[reportArgumentType] - it runs what a Jail runs
    spent: list[int] = []

    for uid in (1, 2):
        async with spool.new_mail() as spooled:
            spooled.write(write_mail(("pedido.pdf", PDF + str(uid).encode()), sender=f"Ana <{ANA}>").as_bytes())
            spooled.close()
            arrival = Arrival(mail.Slot(7, uid), spooled.path, spooled.content_key, counter.clock())
            statements.clear()
            await receive(means, lease, arrival)
            spent.append(len(statements))

    assert spent[-1] <= READ + RECORDED


async def with_files(counter: Counter, number: int) -> mail.ReceivedMail:
    """Return a mail with so many documents."""
    each = await received(counter)
    stored = [await counter.tools.store.put_bytes(PDF + str(place).encode()) for place in range(number)]
    files = tuple(
        FiledFile(AttachmentRole.ANNEX if place else AttachmentRole.MAIN, f"{place}.pdf", one.sha256, one.size_bytes)
        for place, one in enumerate(stored)
    )
    assert each.filing is not None
    return replace(each, filing=replace(each.filing, files=files), contents=tuple((one, Judgement()) for one in stored))


async def unfiled(counter: Counter, outcome: MailOutcome) -> mail.ReceivedMail:
    """Return a mail that files nothing."""
    each = await received(counter)
    writer = each.answered if outcome is MailOutcome.REJECTED else each.writer
    return replace(each, outcome=outcome, filing=None, contents=(), writer=writer, refusal=("Está vacío.",))
