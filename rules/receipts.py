"""What a receipt prints, frozen when it is issued: the same facts make the same receipt, today and in twenty years."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Any, Self

from rules.catalogue import AttachmentRole, Channel, DocumentKind, ReceiptKind
from rules.lifecycle import TramiteStatus
from rules.people import IdentityKind

LAYOUT = 2
"""The layout that new receipts are made with; a change that moves a byte of a receipt makes it a new one."""

FIRST_LAYOUT = 1
"""Of the receipts that were never sealed: they said nothing of their issue, of who issues them, or of the log."""


class Identification(StrEnum):
    """
    How the counter knows who presents: their own word, the `From` of a mail, or a check by the institution.

    Of mails, MAIL_SENDER is what was issued before it was told apart whether the sender is proven.
    """

    DECLARED = "DECLARED"
    MAIL_SENDER = "MAIL_SENDER"
    MAIL_UNPROVEN = "MAIL_UNPROVEN"
    MAIL_PROVEN = "MAIL_PROVEN"
    MAIL_CONFIRMED = "MAIL_CONFIRMED"
    MAIL_ACCOUNT = "MAIL_ACCOUNT"
    VERIFIED = "VERIFIED"


class FoliosCount(StrEnum):
    """Who counted the folios."""

    DECLARED = "DECLARED"
    COUNTED = "COUNTED"
    CLERK = "CLERK"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One file as received; `pages` is None where no page count can be trusted."""

    ordinal: int
    role: AttachmentRole
    name: str
    size_bytes: int
    pages: int | None = None
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedDay:
    """A day that did not count for the legal date, and why («sábado», «Jueves Santo»)."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """How the institution's paper looks: colours as `#rrggbb`, what the first block says, an emblem in the store."""

    accent: str = "#c8102e"
    dark: str = "#3d424a"
    grey: str = "#70767e"
    mark: str = "PERÚ"
    emblem_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFacts:
    """In whose name the receipt is sealed, and who vouches for that; the names of the certificate."""

    holder: str
    issuer: str
    is_for_development: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHeadFacts:
    """The last published head of the log of receipts: so many receipts until the end of that day in Lima."""

    day: date
    size: int
    root_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """
    Everything a receipt prints. The lookup key is no part of it: a receipt is shown around.

    `acted_at` is the instant of the reception, voiding, correction or completion, None for the first submission;
    `issued_at` is that of the receipt by the counter's clock, later than the act for a mail that waited. Of a
    correction and a completion, `version` is greater than 1 and `files` are those that came with it; of a correction,
    `correction` is what was said.
    `filing_policy` is the code of the rule that gave `filed_on`. `missing`, `next_steps` and `limits` are Spanish
    sentences, see `rules.receipt_words`.
    """

    layout: int = LAYOUT
    kind: ReceiptKind
    entity: str
    unit: str
    office: str
    number: str
    verification_code: str
    verify_url: str
    sent_at: datetime
    acted_at: datetime | None = None
    filed_on: date
    filing_policy: str
    calendar_version: str
    skipped_days: tuple[SkippedDay, ...] = ()
    channel: Channel
    applicant: str
    identified_by: Identification
    identity_kind: IdentityKind | None = None
    identity_number: str | None = None
    organization: str | None = None
    ruc: str | None = None
    email: str | None = None
    mobile: str | None = None
    document_kind: DocumentKind | None = None
    document_number: str | None = None
    subject: str
    folios: int | None = None
    folios_count: FoliosCount = FoliosCount.DECLARED
    files: tuple[FileFacts, ...]
    status: TramiteStatus
    missing: tuple[str, ...] = ()
    next_steps: str
    limits: str
    version: int = 1
    correction: str | None = None
    issued_at: datetime | None = None
    entity_ruc: str | None = None
    letterhead: Letterhead = Letterhead()
    seal: SealFacts | None = None
    log_head: LogHeadFacts | None = None

    def __post_init__(self) -> None:
        if any(
            instant is not None and instant.tzinfo is None for instant in (self.sent_at, self.acted_at, self.issued_at)
        ):
            raise ValueError("Instants of a receipt are aware")
        if not self.verify_url.isascii() or len(self.verify_url) > 300:
            raise ValueError("The address in a receipt's QR code is ASCII, up to 300 characters")

    @property
    def done_at(self) -> datetime:
        """The instant of the act that the receipt proves."""
        return self.acted_at or self.sent_at

    @property
    def dated_at(self) -> datetime:
        """The instant at which the receipt says that it was issued."""
        return self.issued_at or self.done_at

    @property
    def is_of_before_seals(self) -> bool:
        """Whether it was issued when receipts were not sealed yet: it says nothing of its seal, nor of its issue."""
        return self.layout == FIRST_LAYOUT

    def file_name(self) -> str:
        """Return under which name the receipt is sent and saved."""
        name = _CORRECTION_FILE_NAME if self.is_correction else _FILE_NAMES[self.kind]
        return f"{name}-{self.number}.pdf"

    @property
    def is_correction(self) -> bool:
        """Whether the receipt is of a correction (subsanación)."""
        return self.kind is ReceiptKind.SUBMISSION and self.version > 1

    @property
    def is_addition(self) -> bool:
        """Whether the receipt is of what was added to a filing that was there already."""
        return self.version > 1

    def to_json(self) -> dict[str, Any]:
        """
        Return the facts as JSON values, in the order of the fields.

        NUL and lone surrogates, which neither UTF-8 nor PostgreSQL can hold, become U+FFFD. What additions brought is
        left out of others: the facts of a receipt, whose digest is in its PDF, stay the bytes that they were.
        """
        told = {name: _plain(getattr(self, name)) for name in self.__slots__}
        left_out = (() if self.is_addition else _OF_ADDITIONS) + (_SINCE_SEALS if self.layout == FIRST_LAYOUT else ())
        return {name: told[name] for name in told if name not in left_out}

    def to_bytes(self) -> bytes:
        """Return the canonical bytes: UTF-8, keys sorted, no spaces."""
        return json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the facts that `to_json` gave, whatever the order of the keys."""
        typed: dict[str, Any] = {
            **{name: kind(values[name]) for name, kind in _CODES.items()},
            "identity_kind": IdentityKind(values["identity_kind"]) if values["identity_kind"] else None,
            "document_kind": DocumentKind(values["document_kind"]) if values["document_kind"] else None,
            "sent_at": datetime.fromisoformat(values["sent_at"]),
            "acted_at": datetime.fromisoformat(values["acted_at"]) if values["acted_at"] else None,
            "filed_on": date.fromisoformat(values["filed_on"]),
            "skipped_days": tuple(_read_skipped_day(day) for day in values["skipped_days"]),
            "files": tuple(_read_file(file) for file in values["files"]),
            "missing": tuple(values["missing"]),
            **_read_since_seals(values),
        }
        return cls(**{**values, **typed})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the facts that `to_bytes` gave."""
        return cls.from_json(json.loads(data))


_FILE_NAMES = {
    ReceiptKind.SUBMISSION: "constancia",
    ReceiptKind.RECEPTION: "cargo",
    ReceiptKind.VOIDING: "constancia-de-anulacion",
    ReceiptKind.COMPLETION: "constancia-de-documento-completado",
}

_CORRECTION_FILE_NAME = "constancia-de-subsanacion"
_OF_ADDITIONS = ("version", "correction")
_SINCE_SEALS = ("issued_at", "entity_ruc", "letterhead", "seal", "log_head")

_CODES: dict[str, type[Enum]] = {
    "kind": ReceiptKind,
    "channel": Channel,
    "identified_by": Identification,
    "folios_count": FoliosCount,
    "status": TramiteStatus,
}


def _read_since_seals(values: dict[str, Any]) -> dict[str, Any]:
    if values["layout"] == FIRST_LAYOUT:
        return {}
    seal = values["seal"]
    return {
        "issued_at": datetime.fromisoformat(values["issued_at"]) if values["issued_at"] else None,
        "letterhead": Letterhead(**values["letterhead"]),
        "seal": SealFacts(**seal) if seal else None,
        "log_head": _read_head(values["log_head"]) if values["log_head"] else None,
    }


def _read_head(values: dict[str, Any]) -> LogHeadFacts:
    typed: dict[str, Any] = {**values, "day": date.fromisoformat(values["day"])}
    return LogHeadFacts(**typed)


def _read_skipped_day(values: dict[str, Any]) -> SkippedDay:
    return SkippedDay(on=date.fromisoformat(values["on"]), reason=values["reason"])


def _read_file(values: dict[str, Any]) -> FileFacts:
    typed: dict[str, Any] = {**values, "role": AttachmentRole(values["role"])}
    return FileFacts(**typed)


def _written(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "\ufffd")


def _plain(value: object) -> Any:
    match value:
        case Enum():
            return value.value
        case str():
            return _written(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case FileFacts() | SkippedDay() | Letterhead() | SealFacts() | LogHeadFacts():
            return {name: _plain(getattr(value, name)) for name in value.__slots__}
        case _:
            return value
