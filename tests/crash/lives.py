"""What one life of a worker is: where it ends, how, and what was done to it in the meantime."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class Moment(StrEnum):
    """On which side of a step something happens."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"


class Effect(StrEnum):
    """What happens there."""

    DIE = "DIE"
    """SIGKILL, from within."""

    STOP = "STOP"
    """SIGSTOP: the world goes on without the worker, until it is continued."""

    FULL = "FULL"
    """The disk is full, once."""


class Mistake(StrEnum):
    """Seven well-known ways of taking in mail that lose or double some."""

    TRUST_SEEN = "TRUST_SEEN"
    MARK_BEFORE_PROCESSING = "MARK_BEFORE_PROCESSING"
    MARK_BEFORE_COMMIT = "MARK_BEFORE_COMMIT"
    SEND_WITHIN_TRANSACTION = "SEND_WITHIN_TRANSACTION"
    NO_CONTENT_KEY = "NO_CONTENT_KEY"
    LOOK_BEFORE_INSERTING = "LOOK_BEFORE_INSERTING"
    TWO_TRANSACTIONS = "TWO_TRANSACTIONS"


@dataclass(frozen=True)
class Life:
    """
    One worker's life. It ends at its step, at a random moment within `alarm_seconds`, or when it is at rest; always by
    a signal that it cannot catch.
    """

    step: str | None = None
    moment: Moment = Moment.BEFORE
    hit: int = 1
    effect: Effect = Effect.DIE
    alarm_seconds: float = 0.0
    in_jail: bool = False
    """Whether it parses in a jail's process, as in earnest; that takes half a second to start."""

    def to_json(self, *, minute: int, mistake: Mistake | None, port: int) -> str:
        """Return it on one line, with the hour it lives in and where its mail server listens."""
        return json.dumps({**asdict(self), "minute": minute, "mistake": mistake, "port": port})
