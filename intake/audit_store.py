"""The store and the settings held against the ledger: bytes that are gone or others, addresses, mailboxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.answering import answer_key
from files.store import ContentDamaged, ContentMissing
from intake.spool import ContentKey
from models.mail import Mailbox
from reading import mail_audit as reading
from rules.mail_audit import Difference, DifferenceKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from actions.tools import Tools
    from intake.mailbox import Source
    from models.mail import MailItem
    from reading.mail_audit import Addressed


async def of_store(tools: Tools, *, since: datetime | None) -> AsyncIterator[Difference]:
    """Yield the mails, and the files of what they became, whose bytes are not there, or not what they are called."""
    async for item in reading.kept_mails(since=since):
        kind = await _check_original(tools, item)
        if kind is not None:
            yield Difference(kind, mailbox_id=item.mailbox_id, item_id=item.id)
    async for file in reading.mailed_files(since=since):
        kind = await _check_file(tools, file.sha256)
        if kind is not None:
            yield Difference(kind, file.mailbox_id, file.item_id, file.tramite_id)


async def _check_original(tools: Tools, item: MailItem) -> DifferenceKind | None:
    key = ContentKey()
    try:
        async for chunk in tools.store.read(item.original_id):
            key.update(chunk)
    except ContentMissing:
        return DifferenceKind.ORIGINAL_MISSING
    except ContentDamaged:
        return DifferenceKind.ORIGINAL_DAMAGED
    return None if key.hexdigest() == item.content_key else DifferenceKind.WRONG_CONTENT_KEY


async def _check_file(tools: Tools, sha256: str) -> DifferenceKind | None:
    try:
        async for _ in tools.store.read(sha256):
            pass
    except ContentMissing:
        return DifferenceKind.FILE_MISSING
    except ContentDamaged:
        return DifferenceKind.FILE_DAMAGED
    return None


async def of_addresses(tools: Tools, *, since: datetime | None) -> list[Difference]:
    """
    Return the answers that go to another address than the one that wrote.

    If none is known by its key, that is of another secret key, and nothing can be said.
    """
    answers = await reading.addressed_answers(since=since)
    wrong = [each for each in answers if answer_key(tools, each.address) != bytes(each.answer_key)]
    return [_misaddressed(each) for each in wrong] if len(wrong) < len(answers) else []


def _misaddressed(answer: Addressed) -> Difference:
    return Difference(DifferenceKind.WRONG_NOTICE, answer.mailbox_id, answer.item_id, answer.tramite_id)


async def of_mailboxes(sources: Sequence[Source]) -> list[Difference]:
    """
    Return the mailboxes that the ledger has otherwise than the settings.

    One that was never read yet has no row, and one that is read no more has one: only both together tell that a row
    was renamed.
    """
    rows = {(row.account, row.folder): row for row in await Mailbox.all().select_related("office")}
    wanted = {(source.account.user, source.folders.inbox): source for source in sources}
    is_one_unread = bool(rows.keys() - wanted.keys())
    found = list[Difference]()
    for place, source in wanted.items():
        row = rows.get(place)
        if row is None and is_one_unread:
            found.append(Difference(DifferenceKind.WRONG_MAILBOX, folder=place[1]))
        elif row is not None and row.office.code != source.office_code:
            found.append(Difference(DifferenceKind.WRONG_MAILBOX, mailbox_id=row.id, folder=place[1]))
    return found
