"""Outgoing mail as bytes: a notice put into words and headers. Pure: the same notice gives the same bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.charset import QP, Charset
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from receipts.wording import say_day, say_hour, say_sent_day
from rules.catalogue import Channel
from rules.mail import OWN_LOOP_HEADER
from rules.notices import NoticeKind
from rules.people import clean_email
from rules.words import fit_text
from rules.workdays import in_lima

if TYPE_CHECKING:
    from email.message import Message

    from actions.tools import Institution
    from models.people import User
    from models.receipts import Notice
    from models.tramites import Tramite

SUBJECT_MAX_LENGTH = 200
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=^_`{|}~.\-]{1,120}@[A-Za-z0-9.\-\[\]:]{1,120}>", re.ASCII)
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP
# Not the modern policies: those decode what stands in a header before they write it, and in Python before 3.11.10 and
# 3.12.5 write the line ends that come out of an encoded word as line ends (CVE-2024-6923).
_POLICY = compat32.clone(linesep="\r\n", mangle_from_=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to be handed over. `sender` is the envelope's, empty for `<>`: bounces of it are unwanted."""

    sender: str
    recipient: str
    message_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A PDF that goes with the mail."""

    name: str
    content: bytes


def compose(notice: Notice, institution: Institution, enclosure: Enclosure | None = None) -> Mail:
    """
    Put *notice*, fetched with its trámite, office and user, into a mail for its one recipient.

    Nothing that a stranger wrote gets into a header, but an In-Reply-To that is a plain Message-ID.

    Raises:
        InvalidEmail: the address cannot be written to.
    """
    recipient = clean_email(notice.address or "")
    subject, body = _words(notice, institution)
    message = _body(notice, body, enclosure)
    answers = _is_answer(notice)
    for name, value in _headers(notice, institution, recipient=recipient, subject=subject, answers=answers):
        message[name] = value
    sender = "" if answers else institution.intake_address
    return Mail(sender, recipient, notice.message_id, message.as_bytes(policy=_POLICY))


def _is_answer(notice: Notice) -> bool:
    """Say whether the mail answers one that came in (RFC 3834: then its envelope's sender is empty)."""
    return notice.tramite is not None and notice.tramite.channel is Channel.EMAIL and notice.kind is _RECEIPT


_RECEIPT = NoticeKind.SUBMISSION_RECEIPT


def _headers(
    notice: Notice, institution: Institution, *, recipient: str, subject: str, answers: bool
) -> list[tuple[str, str]]:
    thread = _MESSAGE_ID.fullmatch(notice.in_reply_to or "")
    return [
        ("From", f"{_encoded(institution.name)} <{institution.intake_address}>"),
        ("To", recipient),
        ("Subject", _encoded(subject)),
        ("Date", format_datetime(in_lima(notice.created_at))),
        ("Message-ID", notice.message_id),
        *([("In-Reply-To", thread[0]), ("References", thread[0])] if thread else []),
        ("Auto-Submitted", "auto-replied" if answers else "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        (OWN_LOOP_HEADER, institution.intake_address),
        ("Content-Language", "es-PE"),
    ]


def _encoded(text: str) -> str:
    """Return *text* as header words: one line, always encoded when it is more than letters, digits and spaces."""
    clean = fit_text(text, max_length=SUBJECT_MAX_LENGTH)
    if re.fullmatch(r"[A-Za-z0-9 \-]*", clean, re.ASCII):
        return clean
    return Header(clean, _UTF8_HEADER, maxlinelen=72).encode(linesep="\r\n")


_UTF8_HEADER = Charset("utf-8")
_UTF8_HEADER.header_encoding = QP


def _body(notice: Notice, text: str, enclosure: Enclosure | None) -> Message:
    words = MIMENonMultipart("text", "plain", charset="utf-8")
    words.set_payload(text, _UTF8)
    if enclosure is None:
        return words
    pdf = MIMEApplication(enclosure.content, "pdf", name=enclosure.name)
    pdf["Content-Disposition"] = f'attachment; filename="{enclosure.name}"'
    boundary = f"=_{notice.id.hex}"  # "=_" occurs in no quoted-printable and no base64 text
    message = MIMEMultipart("mixed", boundary=boundary, _subparts=[words, pdf])
    message.preamble = None
    return message


def _words(notice: Notice, institution: Institution) -> tuple[str, str]:
    """Return subject and text."""
    values = {
        "entity": institution.name,
        "unit": institution.unit,
        "public_url": institution.public_url,
        **(_of_tramite(notice.tramite) if notice.tramite else {}),
        **(_of_user(notice.user) if notice.user else {}),
    }
    first, _, rest = _template(notice.kind.value.lower()).format_map(values).partition("\n")
    return first.removeprefix("Asunto: "), rest.strip() + "\n" + _template("footer").format_map(values)


def _of_tramite(tramite: Tramite) -> dict[str, str]:
    return {
        "number": tramite.number,
        "lookup_key": tramite.lookup_key,
        "office": tramite.office.name,
        "subject": fit_text(tramite.subject, max_length=300),
        "sent_at": f"{say_sent_day(tramite.sent_at)} {say_hour(tramite.sent_at)}",
        "filed_on": say_day(tramite.filed_on),
        "missing": _missing(tramite.missing),
        "observation": _indented(tramite.observation),
        "resolution": _indented(tramite.resolution),
        "correct_by": say_day(tramite.correct_by) if tramite.correct_by else "",
    }


def _of_user(user: User) -> dict[str, str]:
    return {"given_names": fit_text(user.given_names, max_length=100)}


def _missing(sentences: list[str]) -> str:
    if not sentences:
        return ""
    return "\nSu documento ya fue recibido, pero le falta:\n\n" + "\n".join(f"  - {each}" for each in sentences)


def _indented(text: str | None) -> str:
    """Set *text* off from our own words, so that it cannot pass for them."""
    lines = (fit_text(line, max_length=4000) for line in (text or "").split("\n"))
    return "\n".join(f"    {line}".rstrip() for line in lines)


@cache
def _template(name: str) -> str:
    return files("delivery").joinpath("templates", f"{name}.txt").read_text(encoding="utf-8")
