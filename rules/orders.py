"""Orders in which lists are given, and what they may be narrowed down to."""

from __future__ import annotations

from enum import StrEnum


class TramiteOrder(StrEnum):
    """In which order trámites are listed."""

    SENT_LATEST_FIRST = "SENT_LATEST_FIRST"
    SENT_EARLIEST_FIRST = "SENT_EARLIEST_FIRST"
    FILED_LATEST_FIRST = "FILED_LATEST_FIRST"
    DEADLINE_SOONEST_FIRST = "DEADLINE_SOONEST_FIRST"
    DUE_SOONEST_FIRST = "DUE_SOONEST_FIRST"


class OwnerChoice(StrEnum):
    """Who has taken a trámite on."""

    ME = "ME"
    NOBODY = "NOBODY"
    SOMEBODY = "SOMEBODY"
