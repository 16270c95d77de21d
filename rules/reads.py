"""Sensitive reads: what of looking at the record leaves a trace."""

from __future__ import annotations

from enum import StrEnum


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
