"""What administrators may change, as values for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.workdays import Calendar, FilingPolicy

if TYPE_CHECKING:
    from datetime import datetime

    from models.catalogue import Office

CALENDAR_VERSION = "2026-1"
"""Changes with every change of policy, holidays or hours, and is kept with each date it gave."""


async def calendar_of(office: Office, *, at: datetime) -> Calendar:
    """Return the calendar by which *office* dates what it receives at the instant *at*."""
    return Calendar(
        version=CALENDAR_VERSION,
        policy=FilingPolicy.A,
        opens_at=office.opens_at.replace(tzinfo=None),  # Tortoise reads a time of day as if it were one of UTC
        closes_at=office.closes_at.replace(tzinfo=None),
    )
