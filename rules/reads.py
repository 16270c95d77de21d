"""Sensitive reads: what of looking at the record leaves a trace."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ReadKind(StrEnum):
    """What somebody looked at who is not the person it is about. Members are added, never removed."""

    TRAMITE = "TRAMITE"
    FILE = "FILE"
    RECEIPT = "RECEIPT"
    RECOVERY_REQUESTS = "RECOVERY_REQUESTS"
    IDENTITY_CLAIMS = "IDENTITY_CLAIMS"
    PEOPLE = "PEOPLE"
    PERSONAL_DATA = "PERSONAL_DATA"
    EXPORT = "EXPORT"
    REGISTER = "REGISTER"
    READS = "READS"
    TRAMITES = "TRAMITES"
    TASKS = "TASKS"
    MAIL = "MAIL"
    MAILS = "MAILS"
    TEXTS = "TEXTS"


PLAIN_OF_TRAMITE: Final = frozenset(
    {
        "__typename",
        "allowedSteps",
        "channel",
        "correctBy",
        "datesExplained",
        "documentKind",
        "filedOn",
        "filingRule",
        "folios",
        "id",
        "number",
        "office",
        "owner",
        "permissions",
        "revision",
        "sentAt",
        "signs",
        "status",
        "statusLabel",
    }
)
"""
What a list may tell of trámites, by the names of the API, without leaving a trace. Whatever else it tells makes
somebody identifiable, says how to reach them, or is what people wrote: personal data (Ley 29733, art. 2.4), whose
being read is recorded.
"""

PLAIN_OF_TASK: Final = frozenset({"__typename", "closedAt", "id", "kind", "openedAt", "title", "toDo", "tramite"})
"""The same of tasks; of the trámite of one, what `PLAIN_OF_TRAMITE` says."""

PLAIN_OF_MAIL: Final = frozenset(
    {
        "__typename",
        "copies",
        "hint",
        "id",
        "isKept",
        "mailbox",
        "outcome",
        "reason",
        "reasonText",
        "receivedAt",
        "recordedAt",
        "sha256",
        "sizeBytes",
        "suppression",
        "tramite",
    }
)
"""The same of mails: what the ledger tells of them is nobody's words; what staff wrote about one may be."""
