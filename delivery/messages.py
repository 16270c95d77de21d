"""Outgoing mail as bytes: a notice put into words and headers. Pure: the same notice gives the same bytes."""

from __future__ import annotations

import hashlib
import re
import textwrap
from dataclasses import dataclass, field
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

from delivery.html import to_html
from rules.mail import OWN_LOOP_HEADER
from rules.notices import SAYS_WHERE_TO_COMPLAIN, TELLS_STATUS, NoticeKind
from rules.people import clean_email
from rules.reply_tokens import plus_address
from rules.words import fit_text
from rules.workdays import in_lima

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from email.message import Message

    from actions.tools import Institution

SUBJECT_MAX_LENGTH = 200
LINE_MAX_LENGTH = 300
LATE = (
    "No reenvíe este correo: quien tenga el enlace puede usarlo. Si no lo completa a tiempo, su documento sigue "
    "recibido con la misma fecha de presentación; mesa de partes lo revisará y, si hace falta, le pedirá por única vez "
    "que entregue lo que falta, dentro de un plazo."
)
"""What is said below the link by which a filing is completed."""
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=^_`{|}~.\-]{1,120}@[A-Za-z0-9.\-\[\]:]{1,120}>", re.ASCII)
_QUOTED_PRINTABLE = Charset("utf-8")
_QUOTED_PRINTABLE.header_encoding = _QUOTED_PRINTABLE.body_encoding = QP
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """
    What a notice says, to whom.

    `lines` and `paragraphs` are the values of its kind's template; `missing` are sentences, and `completion` the token
    by which they are dealt with; `hint` is a sentence of ours about the mail that is answered, `date_note` why the
    legal date is not the day of the sending. `is_answer`: it answers a mail that came in (RFC 3834), whose Message-ID
    `in_reply_to` claims to be. `can_be_switched_off`: it says how.
    `confirmation`: the token by which its sender says that the mail that is answered is theirs.
    `brings_reception`: the cargo de recepción goes with it. `answer_files` are names of files to be fetched.
    `reply_token`: what an answer to it is known by, if the mail server takes addresses with a plus.
    """

    kind: NoticeKind
    address: str
    message_id: str
    written_at: datetime
    lines: Mapping[str, str]
    paragraphs: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: tuple[str, ...] = ()
    completion: str | None = None
    hint: str = ""
    date_note: str = ""
    is_answer: bool = False
    can_be_switched_off: bool = False
    brings_reception: bool = False
    answer_files: tuple[str, ...] = ()
    in_reply_to: str | None = None
    reply_token: str | None = None
    confirmation: str | None = None


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A PDF that goes with the mail."""

    name: str
    content: bytes


def compose(letter: Letter, institution: Institution, enclosure: Enclosure | None = None) -> Mail:
    """
    Put *letter* into a mail for its one recipient.

    Nothing that a stranger wrote gets into a header, but an In-Reply-To that is a plain Message-ID.

    Raises:
        InvalidEmail: the address cannot be written to.
    """
    recipient = clean_email(letter.address)
    subject, text = _words(letter, institution)
    page = to_html(text, title=subject, public_url=institution.public_url)
    message = _body(text, page, enclosure, boundary=_boundary(letter))
    for name, value in _headers(letter, institution, recipient=recipient, subject=subject):
        message[name] = value  # pyright: ignore[reportArgumentType] - the type knows text only
    sender = "" if letter.is_answer else institution.intake_address
    return Mail(sender, recipient, letter.message_id, message.as_bytes(policy=_POLICY))


def _headers(
    letter: Letter, institution: Institution, *, recipient: str, subject: str
) -> list[tuple[str, str | Header | _Whole]]:
    thread = _MESSAGE_ID.fullmatch(letter.in_reply_to or "")
    return [
        ("From", _sender(institution)),
        ("To", recipient),
        *([("Reply-To", _Whole(reply_to))] if (reply_to := _reply_to(letter, institution)) else []),
        ("Subject", _words_of_header("Subject", subject)),
        ("Date", format_datetime(in_lima(letter.written_at))),
        ("Message-ID", _Whole(letter.message_id)),
        *([("In-Reply-To", thread[0]), ("References", thread[0])] if thread else []),
        ("Auto-Submitted", "auto-replied" if letter.is_answer else "auto-generated"),
        *([("Precedence", "bulk")] if letter.is_answer else []),
        ("X-Auto-Response-Suppress", "All"),
        (OWN_LOOP_HEADER, institution.intake_address),
        ("Content-Language", "es-PE"),
    ]


class _Whole:
    """A header value of our own making that stays on its line: not every server puts a folded Message-ID together."""

    def __init__(self, value: str) -> None:
        self._value = value

    def encode(self, **_options: object) -> str:
        """Return it as it is written."""
        return self._value


def _reply_to(letter: Letter, institution: Institution) -> str | None:
    """Return the address that answers go to, with the token in it; None where that cannot be."""
    if letter.reply_token is None or not institution.takes_plus_addresses:
        return None
    return plus_address(institution.intake_address, letter.reply_token)


def _sender(institution: Institution) -> Header:
    header = _words_of_header("From", institution.name)
    header.append(f"<{institution.intake_address}>", "us-ascii")
    return header


def _words_of_header(name: str, text: str) -> Header:
    """Return *text* as one line of header words, encoded when it is more than letters, digits and spaces."""
    clean = fit_text(text, max_length=SUBJECT_MAX_LENGTH)
    is_plain = re.fullmatch(r"[A-Za-z0-9 \-]*", clean, re.ASCII)
    return Header(clean, "us-ascii" if is_plain else _QUOTED_PRINTABLE, header_name=name)


def _boundary(letter: Letter) -> str:
    """Return the same boundary each time; "=_" occurs in no quoted-printable and no base64 text."""
    return f"=_{hashlib.sha256(letter.message_id.encode()).hexdigest()[:32]}"


def _body(text: str, page: str, enclosure: Enclosure | None, *, boundary: str) -> Message:
    words = [_part(kind, content) for kind, content in (("plain", text), ("html", page))]
    both = MIMEMultipart("alternative", boundary=f"{boundary}.a", _subparts=words)
    if enclosure is None:
        return both
    del both["MIME-Version"]
    pdf = MIMEApplication(enclosure.content, "pdf", name=enclosure.name)
    pdf["Content-Disposition"] = f'attachment; filename="{enclosure.name}"'
    return MIMEMultipart("mixed", boundary=boundary, _subparts=[both, pdf])


def _part(kind: str, content: str) -> Message:
    part = MIMENonMultipart("text", kind, charset="utf-8")
    part.set_payload(content, _QUOTED_PRINTABLE)
    del part["MIME-Version"]
    return part


def _words(letter: Letter, institution: Institution) -> tuple[str, str]:
    """Return subject and text."""
    lines = {
        "entity": institution.name,
        "unit": institution.unit,
        "public_url": institution.public_url,
        "confirmation": letter.confirmation or "",
        **letter.lines,
    }
    values = {
        "missing": _missing(letter, institution),
        "reasons": _listed(letter.missing),
        "hint": ("\n" if letter.hint and letter.missing else "") + _aside(letter.hint),
        "date_note": _aside(letter.date_note),
        "answer_files": _listed(letter.answer_files),
        **{name: fit_text(text, max_length=LINE_MAX_LENGTH) for name, text in lines.items()},
        **{name: _indented(text) for name, text in letter.paragraphs.items()},
    }
    first, _, rest = _template(_name_of(letter)).format_map(values).partition("\n")
    ends = "".join(_template(name).format_map(values) for name in _ends(letter))
    return first.removeprefix("Asunto: "), rest.strip() + "\n" + ends


def _name_of(letter: Letter) -> str:
    """Return the name of a letter's template; nobody asked to void what became part of another trámite."""
    is_added = letter.kind is NoticeKind.VOIDED and letter.hint
    return "voided_added" if is_added else letter.kind.value.lower()


def _ends(letter: Letter) -> tuple[str, ...]:
    """Return the names of the templates with which a letter ends."""
    return (
        *(["answer_files"] if letter.answer_files else []),
        *(["confirm"] if letter.confirmation else []),
        *(["reception"] if letter.brings_reception else []),
        *(["status"] if letter.kind in TELLS_STATUS else []),
        *(["complaint"] if letter.kind in SAYS_WHERE_TO_COMPLAIN else []),
        *(["courtesy"] if letter.can_be_switched_off else []),
        "footer",
    )


def _missing(letter: Letter, institution: Institution) -> str:
    if not letter.missing:
        return ""
    said = f"\nSu documento ya fue recibido, pero está incompleto:\n\n{_listed(letter.missing)}"
    if letter.completion is None:
        return said
    link = f"{institution.public_url}/completar/{letter.completion}"
    how = f"Complételo en este enlace, que se usa una sola vez y sirve hasta el {letter.lines['links_until']}:"
    return f"{said}\n\n{_filled(how)}\n\n    {link}\n\n{_filled(LATE)}"


def _aside(text: str) -> str:
    return f"\n{_filled(text)}\n" if text else ""


def _filled(text: str) -> str:
    """Return a sentence of ours as lines of at most 80 characters."""
    return textwrap.fill(fit_text(text, max_length=1000), width=80, break_long_words=False, break_on_hyphens=False)


def _listed(lines: tuple[str, ...]) -> str:
    return "\n".join(f"  - {fit_text(each, max_length=LINE_MAX_LENGTH)}" for each in lines)


def _indented(text: str) -> str:
    """Set *text* off from our own words, so that it cannot pass for them."""
    lines = (fit_text(line, max_length=4000) for line in text.split("\n"))
    return "\n".join(f"    {line}".rstrip() for line in lines)


@cache
def _template(name: str) -> str:
    return files("delivery").joinpath("templates", f"{name}.txt").read_text(encoding="utf-8")
