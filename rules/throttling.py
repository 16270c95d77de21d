"""How often somebody may knock, at which door."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Door(StrEnum):
    """What strangers may try without being signed in, or try again and again."""

    CHECK_DATA = "CHECK_DATA"
    REGISTER = "REGISTER"
    SIGN_IN = "SIGN_IN"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    RECOVER_BY_EMAIL = "RECOVER_BY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - a door
    RECOVER_BY_DATA = "RECOVER_BY_DATA"
    CLAIM_IDENTITY = "CLAIM_IDENTITY"
    CONFIRM = "CONFIRM"
    PUBLIC_STATUS = "PUBLIC_STATUS"


@dataclass(frozen=True, slots=True)
class Client:
    """From where a request comes: its network address as text, empty when there is none."""

    address: str = ""
