"""Tasks: what the counter cannot settle by itself and lays before the people at the desk."""

from __future__ import annotations

from enum import StrEnum


class TaskKind(StrEnum):
    """Why a person is needed. Members are added, never removed."""

    OBSERVATION_UNDELIVERED = "OBSERVATION_UNDELIVERED"
    ADDRESS_BOUNCED = "ADDRESS_BOUNCED"
