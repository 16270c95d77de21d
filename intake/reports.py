"""Delivery reports (RFC 3464, 6533): which mail did not arrive, at whom, and why; for any bytes, within bounds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from intake import decoding
from intake.anatomy import DeliveryReport, ReportedRecipient
from intake.headers import read_fields

if TYPE_CHECKING:
    from intake.headers import Bytes, Fields
    from intake.structure import Leaf, Structure

REPORT: Final = "multipart/report"
MOST_BYTES: Final = 64 * 1024
MOST_RECIPIENTS: Final = 50
MOST_IDS: Final = 20
LONGEST_ADDRESS: Final = 320

MESSAGE_ID: Final = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>")
_STATUSES: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ORIGINALS: Final = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
_WORD = re.compile(r"[a-z]+")


def read_report(data: Bytes, structure: Structure) -> DeliveryReport | None:
    """Return what a delivery report says; None for a mail that is none."""
    statuses = [leaf for leaf in structure.leaves if leaf.media_type in _STATUSES]
    if structure.media_type != REPORT or not statuses:
        return None
    blocks = [_fields(block) for block in _BLANK.split(_beginning(data, statuses[0]), maxsplit=MOST_RECIPIENTS)]
    return DeliveryReport(
        message_ids=_message_ids(data, structure),
        recipients=tuple(_recipient(block) for block in blocks if block.first("final-recipient")),
    )


def _fields(block: bytes) -> Fields:
    text = block.lstrip()
    return read_fields(text, 0, len(text))


def _beginning(data: Bytes, leaf: Leaf) -> bytes:
    end = min(leaf.end, leaf.start + MOST_BYTES)
    return b"".join(decoding.decoded(data, leaf.start, end, encoding=leaf.encoding))


def _recipient(block: Fields) -> ReportedRecipient:
    named = (_address(value) for name in ("final-recipient", "original-recipient") for value in block.values(name))
    action = _WORD.match((block.first("action") or "").lower())
    return ReportedRecipient(
        addresses=tuple(dict.fromkeys(address for address in named if address)),
        action=action[0] if action else "",
        status=(block.first("status") or "")[:100],
    )


def _address(value: str) -> str:
    """Return the address behind its type (`rfc822; rosa@example.pe`), in lower case; empty if it is too long."""
    address = value.rpartition(";")[2].strip().strip("<>").strip().lower()
    return address if len(address) <= LONGEST_ADDRESS else ""


def _message_ids(data: Bytes, structure: Structure) -> tuple[str, ...]:
    """Return what may be the Message-ID of the mail that did not arrive: from its header, or what is answered to."""
    originals = [_fields(_beginning(data, leaf)) for leaf in structure.leaves if leaf.media_type in _ORIGINALS][:5]
    values = [value for original in originals for value in original.values("message-id")]
    values += [value for name in ("in-reply-to", "references") for value in structure.fields.values(name)]
    found = (match for value in values for match in MESSAGE_ID.findall(value[:MOST_BYTES]))
    return tuple(dict.fromkeys(found))[:MOST_IDS]
