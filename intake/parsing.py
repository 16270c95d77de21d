"""A spooled mail to a value: run in the jail, pure, and without exceptions whatever the bytes are."""

from __future__ import annotations

import json
import mmap
from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake.addresses import read_claims
from intake.anatomy import ParsedMail, PartKind, Suspicion
from intake.encoded_words import decode_text
from intake.machine_words import is_subject_of_machine, is_text_of_machine
from intake.parts import PGP_MESSAGE, read_parts
from intake.reports import MESSAGE_ID, read_report
from intake.structure import read_structure
from intake.texts import TEXT_LENGTH, read_text
from intake.trace import read_authentication_results, read_received, read_recipients, read_references
from rules.words import SUBJECT_MAX_LENGTH, fit_text

if TYPE_CHECKING:
    from intake.headers import Bytes, Fields
    from intake.parts import FoundParts
    from intake.structure import Structure

PARSE: Final = "intake.parsing:parse_json"
"""The name by which the jail knows the parser."""

MARKER_LENGTH: Final = 1000
MOST_HEADER_NAMES: Final = 500
MOST_FROM: Final = 20
SMALL_MAIL_BYTES: Final = 1024 * 1024

_MARKERS: Final = ("auto-submitted", "precedence", "x-auto-response-suppress")
_ADDRESSES: Final = ("return-path", "sender")


def parse_json(argument: bytes) -> bytes:
    """
    Parse the mail in a file, or mails in several, both ways as JSON.

    `{"path": ...}` gives a ParsedMail, `{"paths": [...]}` a list of them.
    """
    told = json.loads(argument)
    if "path" in told:
        return parse_file(Path(told["path"])).to_json()
    return b"[%b]" % b",".join(parse_file(Path(path)).to_json() for path in told["paths"])


def parse_file(path: Path) -> ParsedMail:
    """Parse the mail in a file; a large one is not read into memory, a small one is the faster for it."""
    if path.stat().st_size <= SMALL_MAIL_BYTES:
        return parse(path.read_bytes())
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return parse(data)


def parse(data: Bytes) -> ParsedMail:
    """Take a mail apart; what is odd about it is among its suspicions."""
    structure = read_structure(data)
    fields = structure.fields
    claims = [claim for value in fields.values("from")[:MOST_FROM] for claim in read_claims(value)]
    found = read_parts(data, structure)
    text = read_text(data, found.texts) or fit_text(found.wrapped_text, max_length=TEXT_LENGTH)
    subject = fit_text(decode_text(fields.first("subject") or ""), max_length=SUBJECT_MAX_LENGTH)
    found.suspicions |= _of_words(subject, text, found)
    return ParsedMail(
        sender_address=claims[0].valid_address() if len(claims) == 1 else None,
        sender_name=claims[0].name if len(claims) == 1 else "",
        from_addresses=tuple(claim.address for claim in claims),
        subject=subject,
        message_id=_message_id(fields),
        media_type=structure.media_type,
        headers=_marker_headers(fields),
        loops=tuple(value[:MARKER_LENGTH] for value in fields.values("x-loop")[:20]),
        header_names=frozenset(name[:100] for name, _ in fields.items[:MOST_HEADER_NAMES]),
        text=text,
        parts=tuple(found.parts),
        suspicions=frozenset(found.suspicions | _suspicions(structure)),
        report=read_report(data, structure),
        received=read_received(fields),
        authentication_results=read_authentication_results(fields),
        references=read_references(fields),
        recipients=read_recipients(fields),
        dkim_signatures=len(fields.values("dkim-signature")),
    )


def _suspicions(structure: Structure) -> set[Suspicion]:
    has_two = len(structure.fields.values("from")) > 1
    return structure.suspicions | ({Suspicion.TWO_FROM} if has_two else set())


def _of_words(subject: str, text: str, found: FoundParts) -> set[Suspicion]:
    """Return what the words tell; those of the text count as a machine's only where no file comes with them."""
    told = {Suspicion.ENCRYPTED} if PGP_MESSAGE in text else set[Suspicion]()
    has_file = any(part.kind is PartKind.FILE for part in found.parts)
    if is_subject_of_machine(subject) or (not has_file and is_text_of_machine(text)):
        told.add(Suspicion.READS_AUTOMATIC)
    return told


def _marker_headers(fields: Fields) -> tuple[tuple[str, str], ...]:
    kept = [(name, _joined(values)) for name in _MARKERS if (values := fields.values(name))]
    return (*kept, *((name, _first_address(values)) for name in _ADDRESSES if (values := fields.values(name))))


def _joined(values: list[str]) -> str:
    return fit_text(decode_text(", ".join(values[:20])), max_length=MARKER_LENGTH)


def _first_address(values: list[str]) -> str:
    return next((fit_text(claim.address, max_length=MARKER_LENGTH) for claim in read_claims(values[0])), "")


def _message_id(fields: Fields) -> str | None:
    value = (fields.first("message-id") or "").strip()
    return value if MESSAGE_ID.fullmatch(value) else None
