"""The counter's small closed lists: what is handed in, by which door, and which receipts it gives."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class DocumentKind(StrEnum):
    """What the main document is."""

    LETTER = "LETTER"
    OFFICIAL_LETTER = "OFFICIAL_LETTER"
    APPLICATION = "APPLICATION"
    OTHER = "OTHER"

    @property
    def label(self) -> str:
        """The Spanish word for people."""
        return _DOCUMENT_LABELS[self]


class Channel(StrEnum):
    """By which door a trámite came."""

    WEB = "WEB"
    EMAIL = "EMAIL"

    @property
    def label(self) -> str:
        """The Spanish word for people."""
        return _CHANNEL_LABELS[self]


class ReceiptKind(StrEnum):
    """What a receipt attests."""

    SUBMISSION = "SUBMISSION"
    RECEPTION = "RECEPTION"
    VOIDING = "VOIDING"
    COMPLETION = "COMPLETION"

    @property
    def label(self) -> str:
        """The Spanish title for people."""
        return _RECEIPT_LABELS[self]


class AttachmentRole(StrEnum):
    """What a file is within its trámite."""

    MAIN = "MAIN"
    ANNEX = "ANNEX"
    ANSWER = "ANSWER"


_DOCUMENT_LABELS: Mapping[DocumentKind, str] = {
    DocumentKind.LETTER: "Carta",
    DocumentKind.OFFICIAL_LETTER: "Oficio",
    DocumentKind.APPLICATION: "Solicitud",
    DocumentKind.OTHER: "Otros",
}

_CHANNEL_LABELS: Mapping[Channel, str] = {
    Channel.WEB: "mesa de partes digital",
    Channel.EMAIL: "correo electrónico",
}

_RECEIPT_LABELS: Mapping[ReceiptKind, str] = {
    ReceiptKind.SUBMISSION: "Constancia de envío",
    ReceiptKind.RECEPTION: "Cargo de recepción",
    ReceiptKind.VOIDING: "Constancia de anulación",
    ReceiptKind.COMPLETION: "Constancia de documento completado",
}
