"""Damage done by hand to ledger, store and mailbox: each kind is found, by the audit, by `verify`, or not possible."""

from __future__ import annotations

import imaplib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg
import pytest
import pytest_asyncio

from actions.erasures import ERASURES
from actions.mail_links import forget_links
from actions.transaction import tx
from mesadepartes.verifying import verify
from models.mail import MailItem
from models.receipts import Notice
from models.tramites import Attachment, Tramite
from reading.chains import Fault
from rules.kept_kinds import RetentionKind as Kept
from rules.mail_audit import DifferenceKind as Kind
from rules.notices import NoticeKind, NoticeState
from tests.database.test_verifying import unseen
from tests.journeys.mail_damage import Ledger, letter
from tests.journeys.test_intake import EARLIER, Desk, desk, password_pool
from tests.stores import path_of, store_in

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database, DatabaseServer

__all__ = ["desk", "password_pool"]

ITEM, OF, ANSWERS = "UPDATE mail_items SET", "WHERE id = ", "WHERE id = (SELECT notice_id FROM mail_items WHERE id = "
TRAMITE = "(SELECT tramite_id FROM mail_items WHERE id = "

FOUND: list[tuple[str, str, Kind]] = [
    ("the place of a mail is deleted", "DELETE FROM mail_slots WHERE item_id = :held", Kind.ITEM_WITHOUT_SLOT),
    ("the mail is deleted", f"DELETE FROM mail_items {OF} :filed", Kind.TRAMITE_WITHOUT_MAIL),
    ("the mail in quarantine is deleted", f"DELETE FROM mail_items {OF} :held", Kind.NOT_IN_LEDGER),
    ("a place is said to be another's", "UPDATE mail_slots SET item_id = :held WHERE item_id = :bounce", Kind.DOUBLED),
    (
        "a first place is a copy",
        "UPDATE mail_slots SET duplicate = true WHERE item_id = :reply",
        Kind.ITEM_WITHOUT_SLOT,
    ),
    ("a copy is a first place", "UPDATE mail_slots SET duplicate = false WHERE item_id = :filed", Kind.DOUBLED),
    (
        "a place is emptied",
        "UPDATE mail_slots SET item_id = NULL, placement = NULL WHERE item_id = :held",
        Kind.NOT_TAKEN_IN,
    ),
    ("filed to automatic", f"{ITEM} outcome = 'AUTOMATIC' {OF} :filed", Kind.TRAMITE_OF_UNFILED),
    ("filed to reply", f"{ITEM} outcome = 'REPLY' {OF} :account", Kind.TRAMITE_WITHOUT_MAIL),
    ("reply to filed", f"{ITEM} outcome = 'FILED' {OF} :reply", Kind.DOUBLED),
    ("reply to rejected", f"{ITEM} outcome = 'REJECTED' {OF} :reply", Kind.TRAMITE_OF_UNFILED),
    ("a question to quarantined", f"{ITEM} outcome = 'QUARANTINED' {OF} :status", Kind.TRAMITE_OF_UNFILED),
    ("quarantined to automatic", f"{ITEM} outcome = 'AUTOMATIC' {OF} :held", Kind.WRONG_FOLDER),
    ("quarantined to rejected", f"{ITEM} outcome = 'REJECTED' {OF} :held", Kind.NOTICE_UNDECIDED),
    ("quarantined to filed", f"{ITEM} outcome = 'FILED' {OF} :held", Kind.FILED_WITHOUT_TRAMITE),
    ("automatic to bounce", f"{ITEM} outcome = 'BOUNCE' {OF} :automatic", Kind.WRONG_OUTCOME),
    ("bounce to automatic", f"{ITEM} outcome = 'AUTOMATIC' {OF} :bounce", Kind.WRONG_OUTCOME),
    ("automatic to quarantined", f"{ITEM} outcome = 'QUARANTINED' {OF} :automatic", Kind.WRONG_FOLDER),
    ("rejected to quarantined", f"{ITEM} outcome = 'QUARANTINED' {OF} :empty", Kind.WRONG_NOTICE),
    ("refused by staff to quarantined", f"{ITEM} outcome = 'QUARANTINED' {OF} :refused", Kind.WRONG_OUTCOME),
    ("released to rejected", f"{ITEM} outcome = 'REJECTED' {OF} :released", Kind.WRONG_OUTCOME),
    ("a release is taken back", "DELETE FROM mail_decisions WHERE item_id = :released", Kind.WRONG_OUTCOME),
    (
        "a rejection is a release",
        "UPDATE mail_decisions SET kind = 'RELEASED', text = NULL WHERE item_id = :refused",
        Kind.WRONG_OUTCOME,
    ),
    ("its reason goes", f"{ITEM} reason = NULL {OF} :held", Kind.WRONG_OUTCOME),
    ("another's trámite", f"{ITEM} tramite_id = {TRAMITE}:account) {OF} :filed", Kind.WRONG_TRAMITE),
    ("a reply to another", f"{ITEM} tramite_id = {TRAMITE}:filed) {OF} :reply", Kind.WRONG_TRAMITE),
    ("no trámite", f"{ITEM} tramite_id = NULL {OF} :status", Kind.FILED_WITHOUT_TRAMITE),
    (
        "a trámite of another way",
        f"UPDATE tramites SET channel = 'WEB' WHERE id = {TRAMITE}:filed)",
        Kind.WRONG_TRAMITE,
    ),
    ("a trámite for a mail in quarantine", f"{ITEM} tramite_id = {TRAMITE}:filed) {OF} :held", Kind.TRAMITE_OF_UNFILED),
    ("a date of a filing", f"{ITEM} received_at = received_at - interval '1 day' {OF} :filed", Kind.WRONG_DATE),
    (
        "a date of a trámite",
        f"UPDATE tramites SET sent_at = sent_at - interval '1 day' WHERE id = {TRAMITE}:filed)",
        Kind.WRONG_DATE,
    ),
    ("a date of a reply", f"{ITEM} received_at = received_at - interval '1 day' {OF} :reply", Kind.WRONG_DATE),
    ("a date of a question", f"{ITEM} received_at = received_at - interval '1 hour' {OF} :status", Kind.WRONG_DATE),
    (
        "a date of a rejected one",
        f"{ITEM} received_at = received_at + interval '1 minute' {OF} :empty",
        Kind.WRONG_DATE,
    ),
    ("a date of one in quarantine", f"{ITEM} received_at = received_at - interval '1 day' {OF} :held", Kind.WRONG_DATE),
    ("a date after the record", f"{ITEM} recorded_at = received_at - interval '1 day' {OF} :bounce", Kind.WRONG_DATE),
    ("the notice deleted", f"DELETE FROM notices {ANSWERS}:filed)", Kind.NOTICE_UNDECIDED),
    ("the notice of a reply deleted", f"DELETE FROM notices {ANSWERS}:reply)", Kind.NOTICE_UNDECIDED),
    ("the notice of a refusal deleted", f"DELETE FROM notices {ANSWERS}:empty)", Kind.NOTICE_UNDECIDED),
    (
        "the notice taken from a filing",
        f"{ITEM} notice_id = NULL, suppression = 'BULK' {OF} :filed",
        Kind.NOTICE_UNDECIDED,
    ),
    (
        "the notice taken from staff's no",
        f"{ITEM} notice_id = NULL, suppression = 'BULK' {OF} :refused",
        Kind.WRONG_OUTCOME,
    ),
    ("suppressed though it is sent", f"{ITEM} suppression = 'BULK' {OF} :filed", Kind.WRONG_NOTICE),
    (
        "suppressed for another reason",
        "UPDATE notices SET state = 'SUPPRESSED', reason = 'FORGED', finished_at = created_at, next_try_at = NULL"
        f" {ANSWERS}:filed)",
        Kind.WRONG_NOTICE,
    ),
    ("a receipt of another kind", f"UPDATE notices SET kind = 'REFERRED' {ANSWERS}:filed)", Kind.WRONG_NOTICE),
    ("a refusal of another kind", f"UPDATE notices SET kind = 'WELCOME' {ANSWERS}:empty)", Kind.WRONG_NOTICE),
    ("a question refused", f"UPDATE notices SET kind = 'MAIL_REFUSED' {ANSWERS}:unproven)", Kind.WRONG_NOTICE),
    ("a refusal of a question", f"UPDATE notices SET kind = 'MAIL_STATUS_UNTOLD' {ANSWERS}:empty)", Kind.WRONG_NOTICE),
    (
        "an answer of another kind",
        "UPDATE notices SET kind = 'WELCOME' WHERE kind = 'MAIL_ANSWERED_BY_STAFF'",
        Kind.WRONG_NOTICE,
    ),
    ("a receipt to another", f"UPDATE notices SET address = 'evil@example.pe' {ANSWERS}:filed)", Kind.WRONG_NOTICE),
    (
        "a correction told to another",
        f"UPDATE notices SET address = 'evil@example.pe' {ANSWERS}:reply)",
        Kind.WRONG_NOTICE,
    ),
    ("a refusal to another", f"UPDATE notices SET address = 'evil@example.pe' {ANSWERS}:empty)", Kind.WRONG_NOTICE),
    ("a status to another", f"UPDATE notices SET address = 'evil@example.pe' {ANSWERS}:status)", Kind.WRONG_NOTICE),
    (
        "an answer to another",
        "UPDATE notices SET address = 'evil@example.pe' WHERE kind = 'MAIL_ANSWERED_BY_STAFF'",
        Kind.WRONG_NOTICE,
    ),
    (
        "a notice about another trámite",
        f"UPDATE notices SET tramite_id = {TRAMITE}:account) {ANSWERS}:filed)",
        Kind.WRONG_TRAMITE,
    ),
    ("a content key", f"{ITEM} content_key = repeat('0', 64) {OF} :held", Kind.WRONG_CONTENT_KEY),
    (
        "two content keys",
        "WITH a AS (SELECT id, content_key FROM mail_items WHERE id IN (:held, :empty)) UPDATE mail_items m"
        " SET content_key = reverse(o.content_key) FROM a o WHERE m.id IN (:held, :empty) AND o.id <> m.id",
        Kind.WRONG_CONTENT_KEY,
    ),
    (
        "another original",
        f"{ITEM} original_id = (SELECT original_id FROM mail_items {OF} :empty) {OF} :held",
        Kind.WRONG_CONTENT_KEY,
    ),
    ("proven by hand", f"{ITEM} proof = 'PROVEN_BY_DKIM' {OF} :filed", Kind.WRONG_PROOF),
    ("no longer proven", f"{ITEM} proof = 'NONE' {OF} :account", Kind.WRONG_PROOF),
    ("a reply of nobody proven", f"{ITEM} proof = NULL {OF} :reply", Kind.WRONG_PROOF),
    (
        "a sender proven by hand",
        f"UPDATE tramites SET sender_proof = 'PROVEN' WHERE id = {TRAMITE}:filed)",
        Kind.WRONG_PROOF,
    ),
    (
        "a link used by hand",
        f"UPDATE mail_links SET used_at = made_at WHERE tramite_id = {TRAMITE}:filed)",
        Kind.WRONG_LINK,
    ),
    (
        "a link good again",
        f"UPDATE mail_links SET used_at = NULL WHERE tramite_id = {TRAMITE}:confirmed)",
        Kind.WRONG_LINK,
    ),
    (
        "a link to complete good again",
        f"UPDATE mail_links SET used_at = NULL WHERE purpose = 'COMPLETE' AND tramite_id = {TRAMITE}:lacking)",
        Kind.WRONG_LINK,
    ),
    ("the mailbox has another account", "UPDATE mailboxes SET account = 'x@example.pe'", Kind.WRONG_MAILBOX),
    ("the mailbox has another folder", "UPDATE mailboxes SET folder = 'Otra'", Kind.WRONG_MAILBOX),
    (
        "the mailbox files to another office",
        "UPDATE mailboxes SET office_id = (SELECT id FROM offices WHERE code = 'PUNO')",
        Kind.WRONG_MAILBOX,
    ),
    (
        "the lease is stuck",
        "UPDATE mailboxes SET holder = gen_random_uuid(), leased_until = 'infinity'",
        Kind.STALE_LEASE,
    ),
]
"""What is done, and the kind of difference that names it."""

HARMLESS = [
    ("what mails cannot say", "UPDATE mailboxes SET name = 'Otro nombre', uidvalidity = 7, backlog = 3"),
    ("a place after UIDVALIDITY changed", "UPDATE mail_slots SET uidvalidity = uidvalidity + 1"),
    ("how often it was tried", "UPDATE mail_slots SET attempts = 2"),
]

FORBIDDEN: list[tuple[str, type[asyncpg.PostgresError]]] = [
    (f"DELETE FROM mail_items {OF} :held", asyncpg.RestrictViolationError),
    (f"DELETE FROM notices {ANSWERS}:filed)", asyncpg.RestrictViolationError),
    ("DELETE FROM notices WHERE kind = 'MAIL_ANSWERED_BY_STAFF'", asyncpg.RestrictViolationError),
    ("DELETE FROM mailboxes", asyncpg.RestrictViolationError),
    (
        f"DELETE FROM contents WHERE sha256 = (SELECT original_id FROM mail_items {OF} :held)",
        asyncpg.RestrictViolationError,
    ),
    (f"{ITEM} original_id = repeat('0', 64) {OF} :held", asyncpg.ForeignKeyViolationError),
    (f"{ITEM} tramite_id = gen_random_uuid() {OF} :filed", asyncpg.ForeignKeyViolationError),
    (f"{ITEM} notice_id = NULL {OF} :filed", asyncpg.CheckViolationError),
    (f"{ITEM} suppression = NULL {OF} :held", asyncpg.CheckViolationError),
    (f"{ITEM} notice_id = (SELECT notice_id FROM mail_items {OF} :filed) {OF} :account", asyncpg.UniqueViolationError),
    (f"{ITEM} content_key = (SELECT content_key FROM mail_items {OF} :filed) {OF} :held", asyncpg.UniqueViolationError),
    (f"{ITEM} account = 'x@example.pe' {OF} :held", asyncpg.ForeignKeyViolationError),
    ("UPDATE mail_slots SET uid = 1, uidvalidity = 1", asyncpg.UniqueViolationError),
    ("UPDATE mail_slots SET item_id = NULL WHERE item_id = :held", asyncpg.CheckViolationError),
    (
        "INSERT INTO mail_decisions (id, item_id, kind, made_by_id, made_at) SELECT gen_random_uuid(), item_id,"
        " 'RELEASED', made_by_id, made_at FROM mail_decisions WHERE item_id = :refused",
        asyncpg.UniqueViolationError,
    ),
    ("UPDATE mail_links SET token_hash = decode('00', 'hex')", asyncpg.UniqueViolationError),
]
"""What the database does not let its owner do, while its guards stand."""

BY_VERIFY = [
    f"UPDATE tramites SET sent_at = sent_at - interval '1 day' WHERE id = {TRAMITE}:filed)",
    f"UPDATE tramites SET sender_proof = 'PROVEN' WHERE id = {TRAMITE}:filed)",
    f"UPDATE tramites SET channel = 'WEB' WHERE id = {TRAMITE}:filed)",
    f"DELETE FROM attachments WHERE tramite_id = {TRAMITE}:filed)",
]
"""What the register tells otherwise, whatever ledger and mailbox say."""


@pytest_asyncio.fixture
async def ledger(desk: Desk, database_server: DatabaseServer, database: Database, tmp_path: Path) -> Ledger:
    """Return a counter to which a mail of every outcome came."""
    return await Ledger.filled(desk, tmp_path, database_server.superuser_url(database.name), database.owner_url)


async def test_nothing_differs_after_a_mail_of_every_outcome(ledger: Ledger) -> None:
    assert await ledger.differences() == []
    await verify(ledger.superuser_url, store_in(ledger.folder / "store"), anchors=[], progress=unseen)


async def test_each_damage_to_the_database_is_found_by_its_name(ledger: Ledger) -> None:
    missed = dict[str, list[str]]()
    for what, statement, kind in FOUND:
        async with ledger.damaged(statement):
            found = {each.kind for each in await ledger.differences()}
        if kind not in found:
            missed[what] = sorted(found)

    assert missed == {}
    assert await ledger.differences() == [], "and all was undone"


async def test_what_is_no_damage_is_no_difference(ledger: Ledger) -> None:
    for what, statement in HARMLESS:
        async with ledger.damaged(statement):
            assert await ledger.differences() == [], what


async def test_some_damages_the_database_forbids(ledger: Ledger) -> None:
    connection = await asyncpg.connect(ledger.owner_url)
    for statement, error in FORBIDDEN:
        with pytest.raises(error):
            await connection.execute(ledger.statement(statement))
    await connection.close()

    assert await ledger.differences() == []


async def test_some_damages_the_register_tells_of(ledger: Ledger) -> None:
    for statement in BY_VERIFY:
        async with ledger.damaged(statement):
            with pytest.raises(Fault):
                await verify(ledger.superuser_url, None, anchors=[], progress=unseen)


async def test_what_comes_later_is_no_difference(ledger: Ledger) -> None:
    """Notices are sent or withheld, contacts change, links are forgotten, and what is past its time is erased."""
    counter, tools = ledger.desk.counter, ledger.desk.means.tools
    await counter.deliver()
    await Notice.filter(kind=NoticeKind.CORRECTED).update(state=NoticeState.SUPPRESSED, reason="ADDRESS_BOUNCED")
    await Tramite.all().update(contact_email="otra@example.pe")
    assert await ledger.differences() == []

    counter.clock.advance(days=400)
    await forget_links(tools)
    async with tx() as connection:
        for kind, rows in ((Kept.NOTICES, Notice), (Kept.RESOLVED_TRAMITES, Tramite), (Kept.RESOLVED_FILES, Tramite)):
            await ERASURES[kind](connection, tools, [row.id for row in await rows.all()])
        unfiled = await MailItem.filter(tramite_id__isnull=True)
        await ERASURES[Kept.MAILS](connection, tools, [item.id for item in unfiled])

    assert await ledger.differences() == []


async def test_an_answer_key_of_another_secret_says_nothing(ledger: Ledger) -> None:
    async with ledger.damaged("UPDATE notices SET answer_key = decode('00', 'hex') WHERE answer_key IS NOT NULL"):
        assert await ledger.differences() == []


async def test_bytes_that_are_gone_cut_off_or_others_are_found_of_mails_and_of_their_files(ledger: Ledger) -> None:
    item, other = await MailItem.get(id=ledger.ids["filed"]), await MailItem.get(id=ledger.ids["held"])
    annex = await Attachment.get(tramite_id=item.tramite_id, position=1)
    reply = await Attachment.filter(
        tramite_id=(await MailItem.get(id=ledger.ids["reply"])).tramite_id, version=2
    ).first()
    assert reply is not None
    store = ledger.desk.means.tools.store
    swapped = path_of(store, other.original_id).read_bytes()
    damages: list[tuple[str, Callable[[bytes], bytes | None], Kind]] = [
        (item.original_id, lambda _: None, Kind.ORIGINAL_MISSING),
        (item.original_id, lambda data: data[:-1], Kind.ORIGINAL_DAMAGED),
        (item.original_id, lambda _: b"", Kind.ORIGINAL_DAMAGED),
        (item.original_id, lambda _: swapped, Kind.ORIGINAL_DAMAGED),
        (annex.content_id, lambda _: None, Kind.FILE_MISSING),
        (annex.content_id, lambda data: data + b"x", Kind.FILE_DAMAGED),
        (reply.content_id, lambda _: None, Kind.FILE_MISSING),
    ]

    for sha256, damage, kind in damages:
        with changed(path_of(store, sha256), damage):
            found = await ledger.differences()
        assert {each.kind for each in found} == {kind}
        assert {each.item_id for each in found} & {item.id, ledger.ids["reply"]}
    assert await ledger.differences() == []


@contextmanager
def changed(path: Path, damage: Callable[[bytes], bytes | None]) -> Generator[None]:
    """Change a file of the store for a while; None takes it away."""
    before = path.read_bytes()
    path.chmod(0o600)
    after = damage(before)
    path.unlink() if after is None else path.write_bytes(after)
    yield
    path.write_bytes(before)


@contextmanager
def signed_in(account: Account, folder: str) -> Generator[imaplib.IMAP4]:
    with imaplib.IMAP4(account.host, account.port) as client:
        client.login(account.user, account.password)
        client.select(folder)
        yield client


async def test_what_people_do_to_mails_on_the_server_is_found_if_a_mail_is_lost_or_misplaced(ledger: Ledger) -> None:
    account = ledger.desk.account
    with signed_in(account, "Procesados") as client:
        client.create("Otros")
        client.uid("STORE", "1:*", "+FLAGS", r"(\Seen \Flagged $Visto)")
        client.uid("STORE", "2", "+FLAGS", r"(\Deleted)")
        client.uid("COPY", "1", "Procesados")
    assert await ledger.differences() == [], "flags and copies lose nothing"

    await account.change_uid_validity("Procesados")
    assert await ledger.differences() == [], "nor do other UIDs"

    with signed_in(account, "Cuarentena") as client:
        client.uid("MOVE", "1:*", "Otros")
    assert [each.kind for each in await ledger.differences()] == [Kind.NOT_ON_SERVER] * 3
    with signed_in(account, "Otros") as client:
        client.uid("MOVE", "1:*", "Procesados")
    assert [(each.kind, each.item_id) for each in await ledger.differences()] == [
        (Kind.WRONG_FOLDER, ledger.ids["held"])
    ], "what a person decided may lie there"


@pytest.mark.parametrize(("is_same", "kind"), [(False, Kind.NOT_IN_LEDGER), (True, Kind.WRONG_FOLDER)])
async def test_a_place_that_the_ledger_has_emptied_and_the_server_has_not_is_found(
    ledger: Ledger, kind: Kind, *, is_same: bool
) -> None:
    account, store = ledger.desk.account, ledger.desk.means.tools.store
    held = path_of(store, (await MailItem.get(id=ledger.ids["held"])).original_id).read_bytes()
    uid = await account.deliver(held if is_same else letter("another"), internal_date=EARLIER)
    assert [(each.kind, each.uid) for each in await ledger.differences()] == [(Kind.NOT_IN_LEDGER, uid)]
    place = f"uid = {uid}, uidvalidity = {await account.uid_validity()}"

    async with ledger.damaged(f"UPDATE mail_slots SET {place} WHERE item_id = :held AND placement = 'MOVED'"):
        found = await ledger.differences()

    assert [(each.kind, each.uid, each.folder) for each in found] == [(kind, uid, "INBOX")]


def test_each_kind_of_difference_is_made_here() -> None:
    elsewhere = {Kind.ORIGINAL_MISSING, Kind.ORIGINAL_DAMAGED, Kind.FILE_MISSING, Kind.FILE_DAMAGED, Kind.NOT_ON_SERVER}

    assert {kind for _, _, kind in FOUND} | elsewhere == set(Kind)
