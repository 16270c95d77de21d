"""The register: what kinds of acts are recorded in it."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """An act as it stands in the register, and so in the history of a trámite. Members are added, never removed."""

    FILED = "FILED"
    UPDATED = "UPDATED"
    COMPLETED = "COMPLETED"
    VOIDED = "VOIDED"
    OBSERVED = "OBSERVED"
    CORRECTED = "CORRECTED"
    LAPSED = "LAPSED"
    REFERRED = "REFERRED"
    RESOLVED = "RESOLVED"
    FOLIOS_CORRECTED = "FOLIOS_CORRECTED"
    REOPENED = "REOPENED"
    REGISTERED = "REGISTERED"
    EMAIL_VERIFIED = "EMAIL_VERIFIED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - an act
    CONTACT_CHANGED = "CONTACT_CHANGED"
    CALENDAR_CHANGED = "CALENDAR_CHANGED"
    NOTICES_CHANGED = "NOTICES_CHANGED"
    TASK_CLOSED = "TASK_CLOSED"
