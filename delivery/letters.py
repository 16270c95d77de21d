"""Rows as letters: what a promised notice says, and the receipt that goes with it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from actions import sealing
from delivery.messages import Enclosure, Letter
from models.receipts import Receipt
from rules.catalogue import Channel, DocumentKind
from rules.mail_links import LINK_LIFE, LinkPurpose
from rules.notices import SECRET, NoticeKind, is_courtesy
from rules.receipt_words import explain_date, say_day, say_hour, say_sent_day
from rules.receipts import ReceiptFacts
from rules.reply_tokens import token_in
from rules.workdays import day_of

if TYPE_CHECKING:
    from actions.tools import Tools
    from models.people import User
    from models.receipts import Notice
    from models.tramites import Tramite

FIELDS = {
    "officeCode": "Dirigido a",
    "documentKind": "Tipo de documento",
    "documentNumber": "Número de documento",
    "subject": "Asunto",
    "folios": "Folios",
    "contactEmail": "Correo",
    "contactMobile": "Celular",
}
"""The main data of a trámite as mails call them, in the order in which they are told."""


VALIDATIONS = (NoticeKind.REFERRED, NoticeKind.RESOLVED)
"""What tells of the acts by which a document is validated; the first of them brings the cargo de recepción."""


def letter_of(notice: Notice, receipt: Receipt | None = None) -> Letter:
    """Return what *notice* says, fetched with its trámite, office and user, and of the *receipt* that goes with it."""
    tramite, user = notice.tramite, notice.user
    return Letter(
        kind=notice.kind,
        address=notice.address or "",
        message_id=notice.message_id,
        written_at=notice.created_at,
        lines=(_lines(tramite) if tramite else {})
        | (_about(user) if user else {})
        | _frozen_lines(notice)
        | _promised(notice)
        | _due(notice)
        | _day(notice)
        | _frozen(notice, "status")
        | (_certified(receipt) if receipt else {"receipt": "", "verification_code": ""}),
        paragraphs=_frozen(notice, "observation", "resolution", "reason", "answer") | _told(notice),
        missing=_missing(notice),
        completion=_token(notice, LinkPurpose.COMPLETE),
        hint=notice.detail.get("hint", ""),
        date_note=_date_note(tramite) if tramite else "",
        is_answer=notice.answer_key is not None or _is_answer(notice.kind, tramite),
        can_be_switched_off=is_courtesy(notice.kind, notice.detail)
        and tramite is not None
        and tramite.applicant_id is not None,
        brings_reception=notice.kind in VALIDATIONS and "receipt" in notice.detail,
        answer_files=tuple(notice.detail.get("answerFiles", ())),
        in_reply_to=notice.in_reply_to,
        reply_token=token_in(notice.message_id),
        confirmation=_token(notice, LinkPurpose.CONFIRM),
    )


def _date_note(tramite: Tramite) -> str:
    """Say why a trámite has another legal date than the day on which it was sent; nothing if it has not."""
    if tramite.filed_on == day_of(tramite.sent_at):
        return ""
    rule = tramite.filing_rule
    skipped = [(date.fromisoformat(each["day"]), each["reason"]) for each in rule["skipped"]]
    return f"La fecha de presentación no es el día del envío. {explain_date(rule['rule'], skipped)}"


def _missing(notice: Notice) -> tuple[str, ...]:
    """Return what a filing lacks, or the reasons for which a mail was not taken."""
    return tuple(notice.detail.get("reasons") or (notice.tramite.missing if notice.tramite else ()))


def _token(notice: Notice, purpose: LinkPurpose) -> str | None:
    """Return the token of a link of one use, while the notice holds it."""
    secret: Any = notice.detail.get(SECRET)
    return secret.get(purpose.value.lower()) if isinstance(secret, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]


def _is_answer(kind: NoticeKind, tramite: Tramite | None) -> bool:
    if kind is NoticeKind.MAIL_REJECTED_BY_STAFF:
        return True
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


def _frozen_lines(notice: Notice) -> dict[str, str]:
    """Return what replaces the trámite's own lines: what stood in them when the notice was promised."""
    detail = notice.detail
    subject = {"subject": detail["subject"]} if "subject" in detail else {}
    received = datetime.fromisoformat(detail["receivedAt"]) if "receivedAt" in detail else None
    return {
        **_frozen(notice, "office", "appointment"),
        SECRET: secret if isinstance(secret := detail.get(SECRET, ""), str) else "",
        "left": str(notice.detail.get("left", "")),
        **subject,
        "folios_before": _say_folios(detail.get("folios", {}).get("before")),
        "folios_after": _say_folios(detail.get("folios", {}).get("after")),
        "received_at": f"{say_sent_day(received)} {say_hour(received)}" if received else "",
    }


def _say_folios(folios: int | None) -> str:
    return "no indicados" if folios is None else str(folios)


def _promised(notice: Notice) -> dict[str, str]:
    links_until = notice.created_at + LINK_LIFE
    return {
        "written_at": f"{say_sent_day(notice.created_at)} {say_hour(notice.created_at)}",
        "links_until": f"{say_sent_day(links_until)} a las {say_hour(links_until)[:5]} (hora de Lima)",
    }


def _due(notice: Notice) -> dict[str, str]:
    """Return when what was asked takes effect, if nobody stops it."""
    due_at = datetime.fromisoformat(notice.detail["dueAt"]) if notice.detail.get("dueAt") else None
    by_itself = f"desde el {say_sent_day(due_at)} a las {say_hour(due_at)}" if due_at else ""
    return {"takes_effect": by_itself or "solo si el personal de la mesa de partes lo aprueba"}


def _day(notice: Notice) -> dict[str, str]:
    day = notice.detail.get("day")
    return {"day": say_day(date.fromisoformat(day)) if day else ""}


def _told(notice: Notice) -> dict[str, str]:
    detail = notice.detail
    files = [f"{file['name']}\n{file['sha256']}" for file in detail.get("files", [])]
    changed = detail.get("changes", {})
    changes = [_say_change(name, changed[name], notice) for name in FIELDS if name in changed]
    return {
        "changes": "\n".join(changes),
        "correction": detail.get("correction") or "Nada.",
        "files": "\n".join(files) or "Ninguno.",
        "anchors": "\n".join(detail.get("anchors", [])),
    }


def _say_change(name: str, value: object, notice: Notice) -> str:
    match name:
        case "officeCode":
            said = notice.detail["office"]
        case "documentKind":
            said = DocumentKind(value).label
        case "documentNumber":
            said = value or "SN"
        case _:
            said = value
    return f"{FIELDS[name]}: {said}"


def _frozen(notice: Notice, *names: str) -> dict[str, str]:
    return {name: notice.detail.get(name, "") for name in names}


def _about(user: User) -> dict[str, str]:
    return {"given_names": user.given_names}


def _certified(receipt: Receipt) -> dict[str, str]:
    """Return what the receipt that goes with a letter says; its dates stay what they were."""
    facts = ReceiptFacts.from_json(receipt.facts)
    return {
        "number": facts.number,
        "filed_on": say_day(facts.filed_on),
        "receipt": facts.kind.label + (" (subsanación)" if facts.is_correction else ""),
        "verification_code": facts.verification_code,
    }


async def receipt_with(notice: Notice) -> Receipt | None:
    """Return the receipt that goes with *notice*; None if none does."""
    receipt_id = notice.detail.get("receipt")
    return None if receipt_id is None else await Receipt.get(id=receipt_id)


async def enclosure_of(tools: Tools, receipt: Receipt) -> Enclosure:
    """Return a receipt as it is mailed: the sealed file that is kept. Raises as `actions.sealing.read_receipt`."""
    name = ReceiptFacts.from_json(receipt.facts).file_name()
    return Enclosure(name, await sealing.read_receipt(tools, receipt))
