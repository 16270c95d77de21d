"""The ledger of mails as people read it: which mails a viewer may see, in pages, the newest first."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from tortoise.expressions import Q, RawSQL
from tortoise.functions import Count

from models.mail import Mailbox, MailItem, MailSlot
from models.mail_desk import MailDecision
from reading.cursors import id_in, instant_in, place_of, values_in
from reading.tramites import check_count
from rules.administration import read_day
from rules.mail_desk import MAIL_RIGHTS, MailNoLongerKept, MailRight, NoSuchMail, Reach, may_handle
from rules.workdays import LIMA

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer
    from rules.mail import MailOutcome

MOST_DECISIONS = 100

COPIES = "(SELECT count(*) FROM mail_slots WHERE item_id = {row}.id)"
DECISIONS = f"SELECT * FROM mail_decisions WHERE item_id = {{row}}.id ORDER BY made_at, id LIMIT {MOST_DECISIONS}"  # noqa: S608 - our own
"""In how many places the mail in `{row}` was seen, and what people did with it: as the functions here tell it."""


@dataclass(frozen=True)
class MailFilter:
    """Which mails are wanted; `day` is one of Lima, by when they were received."""

    outcome: MailOutcome | None = None
    mailbox_id: UUID | None = None
    day: date | str | None = None


@dataclass(frozen=True)
class MailPage:
    """Some mails of a list, and whether there are more."""

    mails: list[MailItem]
    has_next: bool


def visible(viewer: Viewer) -> Q:
    """Return the condition that holds for exactly the mails that `rules.mail_desk` lets the viewer see."""
    match MAIL_RIGHTS.get(viewer.role, {}).get(MailRight.SEE):
        case Reach.ALL:
            return Q(id__isnull=False)
        case Reach.OFFICES:
            return Q(mailbox__office_id__in=list(viewer.office_ids))
        case None:
            return Q(id__isnull=True)


async def page_of(viewer: Viewer, wanted: MailFilter, *, first: int, after: str | None) -> MailPage:
    """
    Return the *first* mails after a place that the viewer may see, those received last first.

    Raises:
        TooManyAtOnce, UnknownCursor, NoSuchDay: what they say.
    """
    check_count(first, "first")
    parts = [await part.limit(first + 1) for part in await pages(viewer, wanted, after)]
    found = list(heapq.merge(*parts, key=_place, reverse=True))
    return MailPage(found[:first], has_next=len(found) > first)


async def pages(viewer: Viewer, wanted: MailFilter, after: str | None) -> list[QuerySet[MailItem]]:
    """Return what is wanted and may be seen, those received last first: of each mailbox, in the order of its index."""
    conditions = _narrowed(wanted, after)
    mailboxes = await _mailboxes(viewer, wanted.mailbox_id)
    return [MailItem.filter(*conditions, mailbox_id=id_).order_by("-received_at", "-id") for id_ in mailboxes]


async def _mailboxes(viewer: Viewer, mailbox_id: UUID | None) -> list[UUID]:
    if MAIL_RIGHTS.get(viewer.role, {}).get(MailRight.SEE) is None:
        return []
    return [mailbox.id for mailbox in await mailboxes_query(viewer, mailbox_id).only("id")]


def _narrowed(wanted: MailFilter, after: str | None) -> list[Q]:
    """Return the conditions; each that says nothing more makes the planner expect fewer mails than there are."""
    conditions = [Q(outcome=wanted.outcome)] if wanted.outcome is not None else []
    begins = None if wanted.day is None else datetime.combine(read_day(wanted.day), time(), LIMA).astimezone(UTC)
    ends = begins + timedelta(days=1) if begins else None
    if begins is not None:
        conditions.append(Q(received_at__gte=begins))
    instant = None
    if after is not None:
        told, id_ = values_in(after, count=2)
        instant, last_id = instant_in(told), id_in(id_)
        if ends is None or instant < ends:
            conditions.append(Q(received_at__lte=instant) & (Q(received_at__lt=instant) | Q(id__lt=last_id)))
    if ends is not None and (instant is None or instant >= ends):
        conditions.append(Q(received_at__lt=ends))
    return conditions


def page_query(viewer: Viewer, wanted: MailFilter, *, first: int, after: str | None) -> QuerySet[MailItem] | None:
    """
    Return, for each mailbox that a query around it calls *b*, what `page_of` finds of it, and one more.

    None for those whom no mail is for.

    Raises:
        TooManyAtOnce, UnknownCursor, NoSuchDay: what they say.
    """
    check_count(first, "first")
    conditions = _narrowed(wanted, after)
    if MAIL_RIGHTS.get(viewer.role, {}).get(MailRight.SEE) is None:
        return None
    its = MailItem.filter(*conditions).annotate(is_its=RawSQL('("mail_items"."mailbox_id" = b.id)'))
    return its.filter(is_its=True).order_by("-received_at", "-id").limit(first + 1)


def mailboxes_query(viewer: Viewer, mailbox_id: UUID | None) -> QuerySet[Mailbox]:
    """Return the query of the mailboxes whose mails somebody may see who may see any."""
    sees_all = MAIL_RIGHTS[viewer.role].get(MailRight.SEE) is Reach.ALL
    theirs = Mailbox.all() if sees_all else Mailbox.filter(office_id__in=list(viewer.office_ids))
    return theirs if mailbox_id is None else theirs.filter(id=mailbox_id)


def _place(mail: MailItem) -> tuple[datetime, UUID]:
    return mail.received_at, mail.id


def place_for(mail: MailItem) -> str:
    """Return the place of a mail in its list."""
    return place_told(mail.received_at, mail.id)


def place_told(received_at: datetime, id_: UUID) -> str:
    """Return the place of a mail that was received then."""
    return place_of(received_at.isoformat(), id_.hex)


async def find_mail(viewer: Viewer, mail_id: UUID) -> MailItem | None:
    """Return the mail of that id, with its mailbox; None if there is none that the viewer may see."""
    return await _one(viewer, mail_id).get_or_none()


async def by_id(viewer: Viewer, ids: Collection[UUID]) -> list[MailItem]:
    """Return those of the given mails that the viewer may see, with their mailboxes."""
    return await MailItem.filter(visible(viewer), id__in=list(ids)).select_related("mailbox")


async def kept_mail(viewer: Viewer, mail_id: UUID) -> MailItem:
    """
    Return a mail whose bytes are still kept, with its mailbox and original.

    Raises:
        NoSuchMail: there is none that the viewer may see.
        MailNoLongerKept: it is past its time.
    """
    mail = await _one(viewer, mail_id).select_related("mailbox", "original").get_or_none()
    if mail is None:
        raise NoSuchMail
    if mail.erased_at is not None:
        raise MailNoLongerKept
    return mail


def _one(viewer: Viewer, mail_id: UUID) -> QuerySet[MailItem]:
    return MailItem.filter(visible(viewer), id=mail_id).select_related("mailbox")


def may_decide(viewer: Viewer, mail: MailItem) -> bool:
    """Say whether the viewer may release, reject or answer a mail, fetched with its mailbox."""
    in_office = mail.mailbox.office_id in viewer.office_ids
    return may_handle(viewer.role, MailRight.DECIDE, in_office=in_office)


async def mailboxes_by_id(ids: Collection[UUID]) -> dict[UUID, Mailbox]:
    """Return the mailboxes of those ids."""
    return {mailbox.id: mailbox for mailbox in await Mailbox.filter(id__in=list(ids))}


async def sizes_of(mails: Collection[MailItem]) -> dict[UUID, int]:
    """Return how many bytes each mail has, as it came."""
    found = await MailItem.filter(id__in=[mail.id for mail in mails]).select_related("original")
    return {mail.id: mail.original.size_bytes for mail in found}


async def copies_of(mails: Collection[MailItem]) -> dict[UUID, int]:
    """Return in how many places of its mailbox each mail was seen."""
    slots = MailSlot.filter(item_id__in=[mail.id for mail in mails]).group_by("item_id").annotate(copies=Count("id"))
    found = {row["item_id"]: row["copies"] for row in await slots.values("item_id", "copies")}
    return {mail.id: found.get(mail.id, 0) for mail in mails}


async def decisions_of(ids: Collection[UUID]) -> dict[UUID, list[MailDecision]]:
    """Return what people did with each mail, the first thing first, up to a hundred."""
    found: dict[UUID, list[MailDecision]] = {}
    for decision in await MailDecision.filter(item_id__in=list(ids)).order_by("made_at", "id"):
        found.setdefault(decision.item_id, []).append(decision)
    return {id_: each[:MOST_DECISIONS] for id_, each in found.items()}
