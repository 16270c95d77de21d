"""What parsing finds in a mail: plain values, as JSON on their way out of the jail."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Suspicion(StrEnum):
    """Why a mail cannot be read in one way only, or not by a machine; each sends it to a person."""

    TWO_FROM = "TWO_FROM"
    TWO_CONTENT_TYPES = "TWO_CONTENT_TYPES"
    TWO_ENCODINGS = "TWO_ENCODINGS"
    TWO_BOUNDARIES = "TWO_BOUNDARIES"
    NO_BOUNDARY = "NO_BOUNDARY"
    REPEATED_BOUNDARY = "REPEATED_BOUNDARY"
    BROKEN_DELIMITER = "BROKEN_DELIMITER"
    NUL_IN_HEADER = "NUL_IN_HEADER"
    BARE_CR_IN_HEADER = "BARE_CR_IN_HEADER"
    BROKEN_HEADER = "BROKEN_HEADER"
    HEADER_TOO_LONG = "HEADER_TOO_LONG"
    TOO_MANY_FIELDS = "TOO_MANY_FIELDS"
    TOO_MANY_PARTS = "TOO_MANY_PARTS"
    TOO_DEEP = "TOO_DEEP"
    HIDDEN_CONTENT = "HIDDEN_CONTENT"
    ENCODED_CONTAINER = "ENCODED_CONTAINER"
    UNKNOWN_ENCODING = "UNKNOWN_ENCODING"
    DAMAGED_TNEF = "DAMAGED_TNEF"
    FRAGMENT = "FRAGMENT"
    CONTENT_ELSEWHERE = "CONTENT_ELSEWHERE"
    ENCRYPTED = "ENCRYPTED"
    SIGNED_OPAQUE = "SIGNED_OPAQUE"
    LOCKED_FILE = "LOCKED_FILE"
    READS_AUTOMATIC = "READS_AUTOMATIC"


class Encoding(StrEnum):
    """How the bytes of a part are written (RFC 2045, 6); anything unknown is taken as it stands."""

    AS_IS = "AS_IS"
    BASE64 = "BASE64"
    QUOTED_PRINTABLE = "QUOTED_PRINTABLE"
    UUENCODE = "UUENCODE"
    YENC = "YENC"


class PartKind(StrEnum):
    """
    What a part is to the counter.

    A WRAPPER is a file that was opened (winmail.dat); what it holds are parts of their own. A RESOURCE_FORK is what a
    Macintosh keeps beside a file (RFC 1740).
    """

    TEXT = "TEXT"
    FILE = "FILE"
    WRAPPER = "WRAPPER"
    RESOURCE_FORK = "RESOURCE_FORK"
    INLINE_IMAGE = "INLINE_IMAGE"
    MESSAGE = "MESSAGE"
    SIGNATURE = "SIGNATURE"
    REPORT = "REPORT"


@dataclass(frozen=True, slots=True)
class Part:
    """
    One leaf of the mail; its encoded bytes are those from `start` to `end` of the spooled file.

    Of a file inside a wrapper those are those of the wrapper, and `cut` says where the file lies in its decoded
    content. `size_bytes` and `head` (the first bytes, as many as the file checks need) are of the decoded content,
    and known for files only.
    """

    kind: PartKind
    media_type: str
    name: str | None
    start: int
    end: int
    encoding: Encoding
    charset: str | None = None
    size_bytes: int = 0
    head: bytes = b""
    cut: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One Authentication-Results field (RFC 8601) as it stands, and how many Received fields stand above it."""

    value: str
    received_above: int


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """What a delivery report says of one recipient; `action` is one word, texts are in whatever words they came."""

    addresses: tuple[str, ...]
    action: str
    status: str


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A delivery report (RFC 3464); `message_ids` may be that of the mail it is about."""

    message_ids: tuple[str, ...]
    recipients: tuple[ReportedRecipient, ...]


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """
    A mail taken apart. Nothing in it is proven; texts are decoded, on one line and bounded.

    `sender_address` is the one valid address of the one From field, or None; `from_addresses` are whatever stood there.
    `headers` are those by which machines mark their mail, in lower case, several of one name joined by commas.
    `received`, topmost first, and `authentication_results` are unfolded, not decoded. `references` are the ids of the
    mails that this one answers, the nearest first; `recipients` all addresses it names as such, in lower case.
    """

    sender_address: str | None = None
    sender_name: str = ""
    from_addresses: tuple[str, ...] = ()
    subject: str = ""
    message_id: str | None = None
    media_type: str = "text/plain"
    headers: tuple[tuple[str, str], ...] = ()
    loops: tuple[str, ...] = ()
    header_names: frozenset[str] = frozenset()
    text: str = ""
    parts: tuple[Part, ...] = ()
    suspicions: frozenset[Suspicion] = frozenset()
    report: DeliveryReport | None = None
    received: tuple[str, ...] = ()
    authentication_results: tuple[AuthenticationResults, ...] = ()
    references: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    dkim_signatures: int = 0

    def header(self, name: str) -> str | None:
        """Return the value of one of the kept headers, or None without it."""
        return dict(self.headers).get(name)

    def to_json(self) -> bytes:
        """Return the mail as JSON."""
        return json.dumps(_values(self), default=_plain).encode()

    @classmethod
    def from_json(cls, data: bytes) -> ParsedMail:
        """Return the mail that `to_json` wrote."""
        return cls.from_values(json.loads(data))

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> ParsedMail:
        """Return the mail of which `to_json` wrote these values."""
        restored: dict[str, Any] = {name: restore(values[name]) for name, restore in _RESTORED.items()}
        return cls(**values | restored)


def _values(value: ParsedMail | Part | AuthenticationResults | DeliveryReport | ReportedRecipient) -> dict[str, object]:
    """Return the fields by name, as they are: what JSON does not know of them comes back to `_plain`."""
    return {name: getattr(value, name) for name in value.__slots__}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, frozenset):
        return sorted(str(member) for member in value)  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, (Part, AuthenticationResults, DeliveryReport, ReportedRecipient)):
        return _values(value)
    raise TypeError(type(value).__name__)


def _part(values: dict[str, Any]) -> Part:
    kind, encoding = PartKind(values.pop("kind")), Encoding(values.pop("encoding"))
    head, cut = base64.b64decode(values.pop("head")), values.pop("cut")
    return Part(kind=kind, encoding=encoding, head=head, cut=tuple(cut) if cut else None, **values)


def _report(values: dict[str, Any]) -> DeliveryReport:
    recipients = (
        ReportedRecipient(tuple(each["addresses"]), each["action"], each["status"]) for each in values["recipients"]
    )
    return DeliveryReport(tuple(values["message_ids"]), tuple(recipients))


_RESTORED: Final[Mapping[str, Callable[[Any], object]]] = {
    "parts": lambda parts: tuple(_part(part) for part in parts),
    "report": lambda report: _report(report) if report else None,
    "suspicions": lambda members: frozenset(Suspicion(member) for member in members),
    "header_names": frozenset,
    "headers": lambda headers: tuple((name, text) for name, text in headers),
    "authentication_results": lambda results: tuple(AuthenticationResults(**each) for each in results),
    "from_addresses": tuple,
    "loops": tuple,
    "received": tuple,
    "references": tuple,
    "recipients": tuple,
}
"""What is something else in JSON than in a ParsedMail, and how it comes back."""
