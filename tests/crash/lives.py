"""What one life of a worker is: where it ends, how, and what was done to it in the meantime."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]


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

    def to_json(self, *, minute: int, mistake: Mistake | None, place: Mapping[str, str | int]) -> str:
        """Return it on one line, with the minute it lives in and where it works."""
        return json.dumps({**asdict(self), "minute": minute, "mistake": mistake, "place": place})


class Midwife:
    """Brings lives forth, from a process that has everything loaded."""

    def __init__(self, log: Path) -> None:
        self._log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.zygote"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def bear(self, told: str) -> int:
        """Return the process that lives as it is told."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{told}\n")
        self._process.stdin.flush()
        pid = self._process.stdout.readline()
        assert pid, self._log.read_text()
        return int(pid)

    def close(self) -> None:
        """Bring forth no more."""
        self._process.kill()
        self._process.communicate()
