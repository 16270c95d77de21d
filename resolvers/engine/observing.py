"""What is told of each operation to whoever watches: once, at its end; nothing is reckoned if nobody does."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter, time_ns
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

STAGES: Final = ("prepare", "admit", "run", "encode")

MOST_TEXTS: Final = 12
"""So many statements of an operation are kept as text; a document has hardly more roots."""


class Observer(Protocol):
    """Watches operations."""

    def ended(self, operation: Observed) -> None:
        """Take note of an operation that has ended; it must neither fail nor wait."""


@dataclass(slots=True)
class Observed:
    """
    One operation: what is noted while it runs, and told when it has ended, however it did.

    Neither variables nor anything of the answer: whoever watches learns what was asked for, not of whom.
    """

    name: str | None = None
    kind: str = ""
    """`query`, `mutation` or `subscription`; empty where the document was not even read."""
    digest: str = ""
    """SHA-256 of the document."""
    is_trusted: bool = False
    code: str | None = None
    """That of its first error."""
    error_id: str | None = None
    cost: int = 0
    is_planned: bool = False
    """Whether it was compiled, rather than run by the plain resolvers."""
    statements: int = 0
    texts: list[str] = field(default_factory=list[str])
    """The first statements, without what was given to them."""
    started_ns: int = 0
    prepare: float = 0.0
    admit: float = 0.0
    run: float = 0.0
    encode: float = 0.0
    last: float = 0.0

    def lap(self, stage: str) -> None:
        """Say that a stage has ended, of which this is how long it took."""
        now = perf_counter()
        setattr(self, stage, now - self.last)
        self.last = now

    @property
    def duration(self) -> float:
        """All stages together, in seconds."""
        return self.prepare + self.admit + self.run + self.encode

    @property
    def seconds(self) -> dict[str, float]:
        """How long each stage took."""
        return {stage: getattr(self, stage) for stage in STAGES}


def observed_from_now() -> Observed:
    """Return an operation that begins now, and counts the statements that are run here and below."""
    found = Observed(started_ns=time_ns(), last=perf_counter())
    _RUNNING.set(found)
    return found


_RUNNING: ContextVar[Observed | None] = ContextVar("observed_operation", default=None)


def note_statement(text: str) -> None:
    """Count a statement for the operation that is being run here, if one is watched."""
    if (running := _RUNNING.get()) is not None:
        running.statements += 1
        if running.statements <= MOST_TEXTS:
            running.texts.append(text)


def lap(observed: Observed | None, stage: str) -> None:
    """Say of an operation, if it is watched, that a stage has ended."""
    if observed is not None:
        observed.lap(stage)


class Observers:
    """Several observers as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers

    def ended(self, operation: Observed) -> None:
        """Tell each of them."""
        for observer in self._observers:
            observer.ended(operation)
