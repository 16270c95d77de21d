"""Rows as letters: what a promised notice says, and the receipt that goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from delivery.messages import Enclosure, Letter
from models.receipts import Receipt
from receipts.facts import ReceiptFacts
from receipts.wording import say_day, say_hour, say_sent_day
from rules.catalogue import Channel
from rules.notices import SECRET, NoticeKind

if TYPE_CHECKING:
    from actions.tools import Tools
    from models.people import User
    from models.receipts import Notice
    from models.tramites import Tramite


def letter_of(notice: Notice) -> Letter:
    """Return what *notice* says, fetched with its trámite, office and user."""
    tramite, user = notice.tramite, notice.user
    return Letter(
        kind=notice.kind,
        address=notice.address or "",
        message_id=notice.message_id,
        written_at=notice.created_at,
        lines=(_lines(tramite) if tramite else {})
        | (_about(user) if user else {})
        | _frozen(notice, "office", SECRET)
        | {"written_at": f"{say_sent_day(notice.created_at)} {say_hour(notice.created_at)}"},
        paragraphs=_frozen(notice, "observation", "resolution"),
        missing=tuple(tramite.missing) if tramite else (),
        is_answer=_is_answer(notice.kind, tramite),
        in_reply_to=notice.in_reply_to,
    )


def _is_answer(kind: NoticeKind, tramite: Tramite | None) -> bool:
    return kind is NoticeKind.SUBMISSION_RECEIPT and tramite is not None and tramite.channel is Channel.EMAIL


def _lines(tramite: Tramite) -> dict[str, str]:
    return {
        "number": tramite.number,
        "lookup_key": tramite.lookup_key,
        "subject": tramite.subject,
        "sent_at": f"{say_sent_day(tramite.sent_at)} {say_hour(tramite.sent_at)}",
        "filed_on": say_day(tramite.filed_on),
        "correct_by": say_day(tramite.correct_by) if tramite.correct_by else "",
    }


def _frozen(notice: Notice, *names: str) -> dict[str, str]:
    return {name: notice.detail.get(name, "") for name in names}


def _about(user: User) -> dict[str, str]:
    return {"given_names": user.given_names}


async def enclosure_of(tools: Tools, notice: Notice) -> Enclosure | None:
    """Return the receipt that goes with *notice*, rendered from its frozen facts; None if none does."""
    receipt_id = notice.detail.get("receipt")
    if receipt_id is None:
        return None
    receipt = await Receipt.get(id=receipt_id)
    facts = ReceiptFacts.from_json(receipt.facts)
    return Enclosure(facts.file_name(), await tools.press.render(facts))
