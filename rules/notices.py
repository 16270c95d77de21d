"""Notices (avisos): the mails that the counter promises, and how long it goes on trying to send them."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

LONGEST_WAIT: Final = timedelta(minutes=60)
GIVE_UP_AFTER: Final = timedelta(hours=72)

SECRET: Final = "secret"  # noqa: S105 - a name
"""Name in a notice's detail of what must not outlive the sending, such as a code; it is taken out with the last try."""


class NoticeKind(StrEnum):
    """What a notice tells."""

    SUBMISSION_RECEIPT = "SUBMISSION_RECEIPT"
    UPDATED = "UPDATED"
    CONTACT_CHANGED = "CONTACT_CHANGED"
    VOIDED = "VOIDED"
    OBSERVED = "OBSERVED"
    CORRECTED = "CORRECTED"
    LAPSED = "LAPSED"
    REFERRED = "REFERRED"
    RESOLVED = "RESOLVED"
    WELCOME = "WELCOME"
    ACCOUNT_EXISTS = "ACCOUNT_EXISTS"
    SIGN_IN_FAILURES = "SIGN_IN_FAILURES"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    RECOVERY_CODE = "RECOVERY_CODE"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - what a notice tells
    EMAIL_CHANGE_CODE = "EMAIL_CHANGE_CODE"
    EMAIL_CHANGING = "EMAIL_CHANGING"
    EMAIL_CHANGED = "EMAIL_CHANGED"
    RECOVERY_REQUESTED = "RECOVERY_REQUESTED"
    RECOVERY_STOPPED = "RECOVERY_STOPPED"
    RECOVERY_REJECTED = "RECOVERY_REJECTED"
    RECOVERY_APPLIED = "RECOVERY_APPLIED"
    CLAIM_RECEIVED = "CLAIM_RECEIVED"
    CLAIM_REJECTED = "CLAIM_REJECTED"
    CLAIM_GRANTED = "CLAIM_GRANTED"
    ACCOUNT_CLAIMED = "ACCOUNT_CLAIMED"
    ACCOUNT_FROZEN = "ACCOUNT_FROZEN"
    ACCOUNT_KEPT = "ACCOUNT_KEPT"
    ACCOUNT_HANDED_OVER = "ACCOUNT_HANDED_OVER"


class NoticeState(StrEnum):
    """What became of a notice; the last three are final."""

    PENDING = "PENDING"
    SENT = "SENT"
    SUPPRESSED = "SUPPRESSED"
    UNDELIVERABLE = "UNDELIVERABLE"


def next_try(attempts: int) -> timedelta | None:
    """
    Return how long to wait after the *attempts*-th failed attempt, or None to give up.

    1, 2, 4, 8, 16, 32 minutes, then 60 each, while the waits add up to at most 72 hours.
    """
    if attempts < 1:
        raise ValueError("Waiting begins after the first attempt")
    waited = timedelta()
    for attempt in range(1, attempts + 1):
        waited += _wait_after(attempt)
        if waited > GIVE_UP_AFTER:
            return None
    return _wait_after(attempts)


def _wait_after(attempt: int) -> timedelta:
    return min(timedelta(minutes=2 ** min(attempt - 1, 10)), LONGEST_WAIT)
