"""The ledger of a mailbox: a mail is claimed by its content, then settled with its slot; each in one round trip."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from actions.known_contents import insert_contents, told_of
from actions.mail_lease import FENCE, LeaseLost
from actions.recording import FIRST_BESIDE, columns_of, values_of
from models.mail import MailItem
from reading.catalogue import office_from
from reading.policies import LATEST, Latest
from rules.mail_answers import ANSWER_WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.mail_lease import Lease, Slot
    from actions.tools import Tools
    from files.store import StoredContent
    from models.catalogue import Office
    from models.receipts import Notice
    from rules.verdicts import Judgement

CLAIM = """
WITH fence AS MATERIALIZED ({fence}),
known_contents AS (
    {insert_contents} RETURNING 1
), item AS (
    INSERT INTO mail_items ({columns})
    SELECT {cells} FROM fence, (SELECT count(*) FROM known_contents) contents_are_known
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT offices.*, latest_calendar.*, latest_policy.*, latest_head.*, claimed.rows > 0 AS is_first,
    CASE WHEN claimed.rows > 0 AND $6::bytea IS NOT NULL THEN mail_answers($6, $7::timestamptz) ELSE 0 END AS answered
FROM fence JOIN offices ON offices.id = fence.office_id, (SELECT count(*) AS rows FROM item) claimed, {latest}
"""
"""
Each part reads from those before it, so that locks are taken in the order in which they stand here: the lease, the
contents by their digest, the content's place in the ledger, the address that is answered.
"""

GROUND = f"""
SELECT offices.*, latest_calendar.*, latest_policy.*, latest_head.*,
    CASE WHEN $2::bytea IS NOT NULL THEN mail_answers($2, $3::timestamptz) ELSE 0 END AS answered
FROM offices, {LATEST} WHERE offices.id = $1
"""  # noqa: S608 - our own words

SETTLE = """
settled AS (
    UPDATE mail_items SET outcome = ${1}, tramite_id = ${2}, hint_id = ${3}, notice_id = ${4}, suppression = ${5}
    WHERE id = ${0} RETURNING 1
)
"""
FILL_SLOT = """
INSERT INTO mail_slots (id, mailbox_id, uidvalidity, uid, item_id, duplicate, attempts)
VALUES (${1}, ${2}, ${3}, ${4}, ${0}, ${5}, 0)
ON CONFLICT (mailbox_id, uidvalidity, uid) DO UPDATE
SET item_id = excluded.item_id, duplicate = excluded.duplicate, next_try_at = NULL
WHERE mail_slots.item_id IS NULL
"""
FILL = FILL_SLOT.format(*range(1, 7))


@dataclass(frozen=True)
class Held:
    """What held at the instant at which a mail was claimed; `answered` as `mail_answers` says."""

    office: Office
    latest: Latest
    answered: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Held:
        """Return what a row says."""
        return cls(office_from(row), Latest.of(row), row["answered"])


def _beside(first: int) -> str:
    item, slot = range(first, first + 6), range(first + 6, first + 11)
    return f"{SETTLE.format(*item)}, slot AS ({FILL_SLOT.format(first, *slot)} RETURNING 1)"


@dataclass(frozen=True)
class Settlement:
    """What became of a mail that was claimed; goes with the document that it files, or alone."""

    parts: ClassVar[str] = SETTLE.format(*range(FIRST_BESIDE, FIRST_BESIDE + 6))
    awaited: ClassVar[tuple[str, ...]] = ("settled",)
    after: ClassVar[str] = ""
    alone: ClassVar[str] = f"WITH {SETTLE.format(*range(1, 7))} SELECT FROM settled"

    item: MailItem

    def values(self) -> list[Any]:
        """Return the values of `parts`."""
        item = self.item
        suppression = item.suppression.value if item.suppression else None
        return [item.id, item.outcome.value, item.tramite_id, item.hint_id, item.notice_id, suppression]

    async def record(self, connection: TransactionWrapper, notice: Notice | None = None) -> None:
        """Record, within a transaction, that the mail files nothing, and the notice that answers it, if any does."""
        if notice is not None:
            self.item.notice_id = notice.id
        await connection.execute_query(self.alone, self.values())


@dataclass(frozen=True)
class SlotSettlement(Settlement):
    """The same, and where the mail lies."""

    parts: ClassVar[str] = _beside(FIRST_BESIDE)
    awaited: ClassVar[tuple[str, ...]] = ("settled", "slot")
    alone: ClassVar[str] = f"WITH {_beside(1)} SELECT FROM settled, slot"

    lease: Lease
    slot: Slot

    def values(self) -> list[Any]:
        """Return the values of `parts`."""
        return [*super().values(), *slot_key(self.lease, self.slot), False]


def slot_key(lease: Lease, slot: Slot) -> list[object]:
    """Return the id of a new row for a slot, and what names the slot."""
    return [uuid.uuid4(), lease.mailbox_id, slot.uidvalidity, slot.uid]


async def claim_mail(
    connection: TransactionWrapper,
    tools: Tools,
    lease: Lease,
    *,
    item: MailItem,
    contents: Iterable[tuple[StoredContent, Judgement | None]],
    answer_key: bytes | None,
) -> Held | None:
    """
    Record, within a transaction, a mail and the contents that it brought; None if its account had it before.

    With *answer_key* no other mail that is counted under it is answered until the end of the transaction.

    Raises:
        LeaseLost: another worker has the mailbox.
        ContentMissing: bytes that had been abandoned were swept since they were put; they must be put again.
    """
    now, contents = tools.clock(), list(contents)
    values = [
        *(lease.mailbox_id, lease.holder, lease.epoch, now),
        *(told_of(contents, at=now), answer_key, now - ANSWER_WINDOW),
        *values_of(item),
    ]
    rows = await connection.execute_query_dict(_claim(), values)
    if not rows:
        raise LeaseLost
    await tools.store.must_hold([content.sha256 for content, _ in contents])
    return Held.of(rows[0]) if rows[0]["is_first"] else None


@cache
def _claim() -> str:
    columns = columns_of(MailItem)
    return CLAIM.format(
        fence=FENCE,
        insert_contents=insert_contents("$5", at="$4", after="fence,"),
        latest=LATEST,
        columns=", ".join(columns),
        cells=", ".join(f"${place}" for place in range(8, 8 + len(columns))),
    )


async def what_holds(
    connection: TransactionWrapper, tools: Tools, office_id: UUID, *, answer_key: bytes | None
) -> Held:
    """Return what `claim_mail` does, for a mail of that office that was claimed before."""
    values = [office_id, answer_key, tools.clock() - ANSWER_WINDOW]
    return Held.of((await connection.execute_query_dict(GROUND, values))[0])


async def fill_slot(connection: TransactionWrapper, lease: Lease, slot: Slot, *, item: MailItem) -> None:
    """Record, within a transaction, that a slot holds a mail that the account had before."""
    await connection.execute_query(FILL, [item.id, *slot_key(lease, slot), True])
