"""Damage done by hand to mailbox, ledger and store is found, each kind of it, on a real server."""

from __future__ import annotations

import asyncio
import imaplib
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest

from intake.audit import Scope, audit
from mesadepartes.mail_audit import nightly_runner
from models.mail import Mailbox, MailItem, MailSlot
from models.mail_desk import MailDecision
from models.receipts import Notice
from models.rounds import Round
from models.tasks import Task
from models.tramites import Tramite
from rules.mail import MailOutcome
from rules.mail_audit import Difference, DifferenceKind
from rules.mail_desk import MailDecisionKind
from rules.tasks import TaskKind
from tests.journeys.test_intake import EARLIER, Desk, desk, password_pool
from tests.mails import SUSPICIOUS
from tests.stores import path_of
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database

__all__ = ["desk", "password_pool"]

FILED = write_mail(("a.pdf", PDF)).as_bytes()
HELD = SUSPICIOUS + write_mail(("b.pdf", PDF), subject="b").as_bytes()


@pytest.fixture
async def taken(desk: Desk) -> Desk:
    """Return a desk with a mail that was filed and one in quarantine, an hour later."""
    await desk.put(FILED)
    await desk.put(HELD)
    async with desk.working():
        await desk.until_placed(Procesados=1, Cuarentena=1)
    desk.clock.advance(hours=1)
    return desk


async def differences(desk: Desk, **changes: Any) -> list[Difference]:
    source = replace(desk.source, **changes)
    return [each async for each in audit(desk.means.tools, [source], Scope(desk.clock()))]


async def kinds(desk: Desk) -> list[DifferenceKind]:
    return sorted(each.kind for each in await differences(desk))


async def by_owner(database: Database, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(statement, *values)
    await connection.close()


async def without_guards(database: Database) -> None:
    """Take from the ledger what forbids it a damage that is found all the same."""
    guards = ("mail_items_answered", "mail_items_notice_id_fkey", "mail_items_notice")
    connection = await asyncpg.connect(database.owner_url)
    names = await connection.fetch(
        "SELECT conrelid::regclass::text AS place, conname FROM pg_constraint WHERE conname = ANY($1::text[])", guards
    )
    for row in names:
        await connection.execute(f'ALTER TABLE {row["place"]} DROP CONSTRAINT "{row["conname"]}"')
    await connection.execute("DROP INDEX IF EXISTS mail_items_notice")
    await connection.close()


async def filed() -> MailItem:
    return await MailItem.get(outcome=MailOutcome.FILED)


async def test_a_mailbox_as_it_should_be_has_no_differences(taken: Desk) -> None:
    assert await differences(taken) == []


async def test_a_mail_that_nobody_took_in_is_found_once_there_was_time_for_it(taken: Desk) -> None:
    uid = await taken.put(write_mail(subject="c").as_bytes())

    [found] = await differences(taken)

    assert (found.kind, found.folder, found.uid) == (DifferenceKind.NOT_IN_LEDGER, "INBOX", uid)


async def test_a_mail_that_has_just_come_is_no_difference(taken: Desk) -> None:
    await taken.account.deliver(write_mail(subject="c").as_bytes(), internal_date=taken.clock() - timedelta(minutes=5))

    assert await differences(taken) == []


async def test_a_mail_put_among_the_processed_ones_by_hand_is_found(taken: Desk) -> None:
    await taken.account.deliver(
        write_mail(subject="c").as_bytes(), internal_date=taken.clock() - timedelta(minutes=5), folder="Procesados"
    )

    [found] = await differences(taken)

    assert (found.kind, found.folder) == (DifferenceKind.NOT_IN_LEDGER, "Procesados")


async def test_a_slot_taken_out_of_the_ledger_is_found(taken: Desk, database: Database) -> None:
    item = await filed()
    await by_owner(database, "DELETE FROM mail_slots WHERE item_id = $1", item.id)

    assert await kinds(taken) == [DifferenceKind.ITEM_WITHOUT_SLOT]


async def test_a_mail_taken_out_of_the_ledger_is_found_on_the_server_and_by_its_tramite(
    taken: Desk, database: Database
) -> None:
    item = await filed()
    await by_owner(database, "DELETE FROM mail_slots WHERE item_id = $1", item.id)
    await by_owner(database, "DELETE FROM mail_items WHERE id = $1", item.id)

    assert await kinds(taken) == [DifferenceKind.NOT_IN_LEDGER, DifferenceKind.TRAMITE_WITHOUT_MAIL]


async def test_a_slot_whose_mail_was_not_tried_again_in_its_time_is_found(taken: Desk) -> None:
    mailbox = await Mailbox.get()
    for uid, late in ((901, timedelta(hours=1)), (902, timedelta(minutes=5))):
        slot = MailSlot(mailbox_id=mailbox.id, uidvalidity=1, uid=uid, attempts=1, next_try_at=taken.clock() - late)
        await slot.save()

    [found] = await differences(taken)

    assert (found.kind, found.uid) == (DifferenceKind.NOT_TAKEN_IN, 901)


async def lose(desk: Desk, item: MailItem) -> None:
    path_of(desk.means.tools.store, item.original_id).unlink()


async def damage(desk: Desk, item: MailItem) -> None:
    path = path_of(desk.means.tools.store, item.original_id)
    path.chmod(0o600)
    path.write_bytes(b"something else")


@pytest.mark.parametrize(
    ("harm", "kind"), [(lose, DifferenceKind.ORIGINAL_MISSING), (damage, DifferenceKind.ORIGINAL_DAMAGED)]
)
async def test_bytes_that_are_gone_or_changed_are_found(
    taken: Desk, harm: Callable[[Desk, MailItem], Awaitable[None]], kind: DifferenceKind
) -> None:
    item = await filed()
    await harm(taken, item)

    [found] = await differences(taken)

    assert (found.kind, found.item_id) == (kind, item.id)


async def test_a_content_key_that_is_not_that_of_the_mail_is_found(taken: Desk, database: Database) -> None:
    await by_owner(database, "UPDATE mail_items SET content_key = repeat('0', 64) WHERE outcome = 'FILED'")

    assert await kinds(taken) == [
        DifferenceKind.NOT_IN_LEDGER,
        DifferenceKind.NOT_ON_SERVER,
        DifferenceKind.WRONG_CONTENT_KEY,
    ]


async def test_a_filed_mail_whose_tramite_was_taken_from_it_is_found(taken: Desk, database: Database) -> None:
    await by_owner(database, "UPDATE mail_items SET tramite_id = NULL WHERE outcome = 'FILED'")

    assert await kinds(taken) == [
        DifferenceKind.FILED_WITHOUT_TRAMITE,
        DifferenceKind.NOTICE_UNDECIDED,
        DifferenceKind.TRAMITE_WITHOUT_MAIL,
    ]


async def test_a_filed_mail_that_is_called_otherwise_is_found(taken: Desk, database: Database) -> None:
    await by_owner(database, "UPDATE mail_items SET outcome = 'AUTOMATIC' WHERE outcome = 'FILED'")

    assert DifferenceKind.TRAMITE_OF_UNFILED in await kinds(taken)


async def test_a_date_that_is_not_that_of_the_mail_is_found(taken: Desk, database: Database) -> None:
    await by_owner(
        database, "UPDATE mail_items SET received_at = received_at + interval '1 day' WHERE outcome = 'FILED'"
    )

    assert await kinds(taken) == [DifferenceKind.WRONG_DATE]


async def test_a_mail_moved_to_the_wrong_folder_by_hand_is_found(taken: Desk) -> None:
    await asyncio.to_thread(move, taken.account, "Procesados", "Cuarentena")

    [found] = await differences(taken)

    assert (found.kind, found.folder, found.item_id) == (
        DifferenceKind.WRONG_FOLDER,
        "Cuarentena",
        (await filed()).id,
    )


async def test_a_mail_that_a_person_decided_may_lie_in_either_folder(taken: Desk) -> None:
    clerk = await taken.counter.register()
    item = await MailItem.get(outcome=MailOutcome.QUARANTINED)
    decision = MailDecision(item_id=item.id, kind=MailDecisionKind.REJECTED, text="No.", made_by_id=clerk.user_id)
    decision.made_at = taken.clock()
    await decision.save()
    await MailItem.filter(id=item.id).update(outcome=MailOutcome.REJECTED)

    assert await differences(taken) == []


async def test_a_mail_deleted_on_the_server_is_found(taken: Desk) -> None:
    await asyncio.to_thread(delete, taken.account, "Procesados")

    [found] = await differences(taken)

    assert (found.kind, found.item_id) == (DifferenceKind.NOT_ON_SERVER, (await filed()).id)


async def test_a_notice_that_nobody_decided_is_found(taken: Desk, database: Database) -> None:
    await without_guards(database)
    await by_owner(database, "DELETE FROM notices")
    await by_owner(database, "UPDATE mail_items SET suppression = NULL WHERE outcome = 'QUARANTINED'")

    assert await kinds(taken) == [DifferenceKind.NOTICE_UNDECIDED] * 2


async def test_a_content_taken_in_twice_is_found(taken: Desk, database: Database) -> None:
    item = await filed()
    await without_guards(database)
    await by_owner(
        database,
        "INSERT INTO mail_items (id, account, mailbox_id, content_key, original_id, received_at, recorded_at, outcome,"
        " reason, suppression, tramite_id, notice_id) SELECT $2::uuid, account, mailbox_id, repeat('0', 64),"
        " original_id, received_at, recorded_at, outcome, reason, suppression, tramite_id, notice_id"
        " FROM mail_items WHERE id = $1",
        item.id,
        uuid4(),
    )

    assert (await kinds(taken)).count(DifferenceKind.DOUBLED) == 2


async def test_a_lease_of_a_worker_that_died_is_found(taken: Desk, database: Database) -> None:
    await by_owner(
        database, "UPDATE mailboxes SET holder = $1, leased_until = $2", uuid4(), taken.clock() - timedelta(minutes=10)
    )

    assert await kinds(taken) == [DifferenceKind.STALE_LEASE]


async def test_a_lease_that_nobody_can_ever_take_over_is_found(taken: Desk, database: Database) -> None:
    await by_owner(
        database, "UPDATE mailboxes SET holder = $1, leased_until = $2", uuid4(), taken.clock() + timedelta(days=9)
    )

    assert await kinds(taken) == [DifferenceKind.STALE_LEASE]


async def test_mails_by_hand_are_not_looked_for_on_the_server(taken: Desk) -> None:
    import io

    from intake.replay import replay

    content = io.BytesIO(write_mail(("c.pdf", PDF), subject="c").as_bytes())
    replayed = await replay(taken.means, taken.source, content, received_at=EARLIER)
    taken.clock.advance(hours=1)

    assert replayed.item.outcome is MailOutcome.FILED
    assert await differences(taken) == []


async def test_the_nightly_comparison_raises_one_alarm_that_stays_until_somebody_closes_it(
    taken: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await lose(taken, await filed())
    runner = nightly_runner(taken.means.tools, [taken.source], asyncio.Event())
    assert await runner.run_due() == 0
    assert await Task.all().count() == 0, "it is due at night"

    for _ in range(2):
        taken.clock.advance(days=1)
        assert await runner.run_due() == 0

    alarms = [record for record in caplog.records if getattr(record, "action", "") == "mail_audit_differs"]
    assert [(record.levelno, getattr(record, "counts", None)) for record in alarms] == [
        (logging.ERROR, {"ORIGINAL_MISSING": 1})
    ] * 2
    task = await Task.get()
    assert (task.kind, task.detail) == (TaskKind.MAIL_DIFFERENCES, {"counts": {"ORIGINAL_MISSING": 1}})
    assert (await Round.get(name="audit_mail")).failures == 0


async def test_a_server_that_cannot_be_looked_at_makes_the_nightly_comparison_fail(
    taken: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    source = replace(taken.source, account=replace(taken.source.account, password="otra"))
    runner = nightly_runner(taken.means.tools, [source], asyncio.Event())
    await runner.run_due()
    taken.clock.advance(days=1)

    assert await runner.run_due() == 1

    assert [record.levelno for record in caplog.records if getattr(record, "action", "") == "round_failed"] == [
        logging.ERROR
    ]
    assert (await Notice.all().count(), await Tramite.all().count()) == (1, 1)


async def test_a_server_that_cannot_be_looked_at_hides_nothing_of_the_others(taken: Desk) -> None:
    await asyncio.to_thread(delete, taken.account, "Procesados")
    broken = replace(taken.source, account=replace(taken.source.account, password="otra", user="otra@example.pe"))
    runner = nightly_runner(taken.means.tools, [broken, taken.source], asyncio.Event())
    await runner.run_due()
    taken.clock.advance(days=1)

    assert await runner.run_due() == 1

    assert (await Task.get()).detail == {"counts": {"NOT_ON_SERVER": 1}}


def move(account: Account, folder: str, to: str) -> None:
    with imaplib.IMAP4(account.host, account.port) as client:
        client.login(account.user, account.password)
        client.select(folder)
        client.uid("MOVE", "1:*", to)


def delete(account: Account, folder: str) -> None:
    with imaplib.IMAP4(account.host, account.port) as client:
        client.login(account.user, account.password)
        client.select(folder)
        client.store("1:*", "+FLAGS", r"\Deleted")
        client.expunge()
