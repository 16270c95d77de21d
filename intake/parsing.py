"""A spooled mail to a value: run in the jail, pure, and without exceptions whatever the bytes are."""

from __future__ import annotations

import json
import mmap
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake import decoding
from intake.addresses import read_claims
from intake.anatomy import ParsedMail, Part, PartKind, Suspicion
from intake.charsets import decode_bytes
from intake.encoded_words import decode_text, read_parameters
from intake.reports import MESSAGE_ID, read_report
from intake.structure import read_structure
from intake.trace import read_authentication_results, read_received, read_recipients, read_references
from rules.files import HEAD_BYTES, clean_file_name
from rules.words import SUBJECT_MAX_LENGTH, fit_text

if TYPE_CHECKING:
    from intake.headers import Bytes, Fields
    from intake.structure import Leaf, Structure

PARSE: Final = "intake.parsing:parse_json"
"""The name by which the jail knows the parser."""

TEXT_LENGTH: Final = 4000
TEXT_BYTES: Final = 64 * 1024
MARKER_LENGTH: Final = 1000
MOST_HEADER_NAMES: Final = 500
SMALL_IMAGE_BYTES: Final = 30 * 1024

_MARKERS: Final = ("auto-submitted", "precedence", "x-auto-response-suppress")
_ADDRESSES: Final = ("return-path", "sender")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_SIGNATURES: Final = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_REPORTS: Final = frozenset(
    {
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "message/global-delivery-status",
        "text/rfc822-headers",
    }
)
_FOR_PEOPLE: Final = {
    "message/partial": Suspicion.FRAGMENT,
    "multipart/encrypted": Suspicion.ENCRYPTED,
    "application/pkcs7-mime": Suspicion.ENCRYPTED,
    "application/x-pkcs7-mime": Suspicion.ENCRYPTED,
}
"""Mails whose content a machine cannot see: pieces of a mail, and what is encrypted or signed as one opaque piece."""


def parse_json(argument: bytes) -> bytes:
    """Parse the mail in the file whose path *argument* names, both ways as JSON: `{"path": ...}` to a ParsedMail."""
    return parse_file(Path(json.loads(argument)["path"])).to_json()


def parse_file(path: Path) -> ParsedMail:
    """Parse the mail in a file."""
    if not path.stat().st_size:
        return parse(b"")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return parse(data)


def parse(data: Bytes) -> ParsedMail:
    """Take a mail apart; what is odd about it is among its suspicions."""
    structure = read_structure(data)
    fields = structure.fields
    claims = [claim for value in fields.values("from") for claim in read_claims(value)]
    texts = [leaf for leaf in structure.leaves if _kind(leaf) is PartKind.TEXT]
    return ParsedMail(
        sender_address=claims[0].valid_address() if len(claims) == 1 else None,
        sender_name=claims[0].name if len(claims) == 1 else "",
        from_addresses=tuple(claim.address for claim in claims),
        subject=fit_text(decode_text(fields.first("subject") or ""), max_length=SUBJECT_MAX_LENGTH),
        message_id=_message_id(fields),
        media_type=structure.media_type,
        headers=_marker_headers(fields),
        loops=tuple(value[:MARKER_LENGTH] for value in fields.values("x-loop")[:20]),
        header_names=frozenset(name[:100] for name, _ in fields.items[:MOST_HEADER_NAMES]),
        text=_text(data, texts),
        parts=tuple(_part(data, leaf) for leaf in structure.leaves),
        suspicions=_suspicions(structure),
        report=read_report(data, structure),
        received=read_received(fields),
        authentication_results=read_authentication_results(fields),
        references=read_references(fields),
        recipients=read_recipients(fields),
        dkim_signatures=len(fields.values("dkim-signature")),
    )


def _suspicions(structure: Structure) -> frozenset[Suspicion]:
    found = set(structure.suspicions)
    if len(structure.fields.values("from")) > 1:
        found.add(Suspicion.TWO_FROM)
    if structure.media_type in _FOR_PEOPLE:
        found.add(_FOR_PEOPLE[structure.media_type])
    return frozenset(found)


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


def _part(data: Bytes, leaf: Leaf) -> Part:
    kind = _kind(leaf)
    size, head = _measure(data, leaf) if kind in (PartKind.FILE, PartKind.INLINE_IMAGE) else (0, b"")
    name = _name(leaf)
    if name is None and kind is PartKind.FILE and leaf.media_type.startswith("image/") and size <= SMALL_IMAGE_BYTES:
        kind = PartKind.INLINE_IMAGE
    return Part(
        kind=kind,
        media_type=leaf.media_type,
        name=name,
        start=leaf.start,
        end=leaf.end,
        encoding=leaf.encoding,
        charset=leaf.parameters.get("charset", "")[:40] or None,
        size_bytes=size,
        head=head,
    )


def _kind(leaf: Leaf) -> PartKind:
    main, _, _ = leaf.media_type.partition("/")
    if leaf.media_type in _SIGNATURES:
        return PartKind.SIGNATURE
    if leaf.media_type in _REPORTS:
        return PartKind.REPORT
    if main == "message":
        return PartKind.MESSAGE
    disposition = _disposition(leaf)
    if main in ("text", "multipart") and disposition != "attachment" and _raw_name(leaf) is None:
        return PartKind.TEXT
    if main == "image" and _is_shown_inside(leaf, disposition):
        return PartKind.INLINE_IMAGE
    return PartKind.FILE


def _is_shown_inside(leaf: Leaf, disposition: str) -> bool:
    """Say whether an image belongs to the text: a signature's logo is no annex (RFC 2387, 2392)."""
    is_referred_to = leaf.fields.first("content-id") is not None
    return is_referred_to and disposition != "attachment" and _is_within(leaf, "multipart/related")


def _is_within(leaf: Leaf, media_type: str) -> bool:
    return any(container.media_type == media_type for container in leaf.within)


def _disposition(leaf: Leaf) -> str:
    return read_parameters(leaf.fields.first("content-disposition") or "")[0]


def _raw_name(leaf: Leaf) -> str | None:
    _, parameters = read_parameters(leaf.fields.first("content-disposition") or "")
    names = [text for name, text in parameters if name == "filename"] or [leaf.parameters.get("name", "")]
    return names[0] or None


def _name(leaf: Leaf) -> str | None:
    raw = _raw_name(leaf)
    return clean_file_name(raw) if raw else None


def _measure(data: Bytes, leaf: Leaf) -> tuple[int, bytes]:
    size, head = 0, b""
    for piece in decoding.decoded(data, leaf.start, leaf.end, encoding=leaf.encoding):
        size += len(piece)
        if len(head) < HEAD_BYTES:
            head += piece[: HEAD_BYTES - len(head)]
    return size, head


def _text(data: Bytes, leaves: list[Leaf]) -> str:
    """Return the beginning of what the mail says: its plain text if it has one, else its HTML without tags."""
    for wanted in ("text/plain", "text/html"):
        for leaf in leaves:
            if leaf.media_type == wanted and (text := _beginning(data, leaf).strip()):
                return text
    return ""


def _beginning(data: Bytes, leaf: Leaf) -> str:
    end = min(leaf.end, leaf.start + TEXT_BYTES)
    content = b"".join(decoding.decoded(data, leaf.start, end, encoding=leaf.encoding))
    text = decode_bytes(content, leaf.parameters.get("charset"))
    if leaf.media_type == "text/html":
        text = _TAG.sub(" ", text)
    return fit_text(text, max_length=TEXT_LENGTH)
