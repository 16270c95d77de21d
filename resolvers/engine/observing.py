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

MOST_UNTOLD: Final = 256
"""Of so many operations observers are told at the latest, whatever the time: it takes a millisecond."""


class Observer(Protocol):
    """Watches operations."""

    def ended(self, operation: Observed) -> None:
        """Take note of an operation that has ended; it must neither fail nor wait."""


@dataclass
class Observed:
    """
    One operation: what is noted while it runs, and told when it has ended, however it did.

    Neither variables nor anything of the answer: whoever watches learns what was asked for, not of whom.
    Without slots: what was not noted is found at the class, which costs nothing to make.
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
    texts: tuple[str, ...] = ()
    """The first statements, without what was given to them."""
    started_ns: int = 0
    prepare: float = 0.0
    admit: float = 0.0
    run: float = 0.0
    encode: float = 0.0
    last: float = 0.0
    """When its last stage ended, by a clock that only goes forward."""
    duration: float = field(init=False, default=0.0)
    """All stages together, in seconds."""

    def __post_init__(self) -> None:
        """Say how long all of it took."""
        self.duration = self.prepare + self.admit + self.run + self.encode

    @property
    def seconds(self) -> dict[str, float]:
        """How long each stage took."""
        return {stage: getattr(self, stage) for stage in STAGES}


def observed_from_now() -> Observed:
    """Return an operation that begins now, and counts the statements that are run here and below."""
    found = Observed.__new__(Observed)
    found.started_ns, found.last = time_ns(), perf_counter()
    _RUNNING.set(found)
    return found


_RUNNING: ContextVar[Observed | None] = ContextVar("observed_operation", default=None)


def note_statement(text: str) -> None:
    """Count a statement for the operation that is being run here, if one is watched."""
    if (running := _RUNNING.get()) is not None:
        running.statements = count = running.statements + 1
        if count <= MOST_TEXTS:
            running.texts += (text,)


def lap(observed: Observed | None, stage: str) -> None:
    """Say of an operation, if it is watched, that a stage has ended, of which this is how long it took."""
    if observed is not None:
        now = perf_counter()
        took = now - observed.last
        setattr(observed, stage, took)
        observed.duration += took
        observed.last = now


class Observers:
    """Several observers as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers

    def ended(self, operation: Observed) -> None:
        """Tell each of them."""
        for observer in self._observers:
            observer.ended(operation)


class ToldTogether:
    """
    Several observers, told of many operations together, which leaves the processor's caches to the operations.

    Told after each, they would cost an operation four times as much. Whoever makes it calls `tell` now and then.
    """

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers, self._ended = observers, list[Observed]()

    def ended(self, operation: Observed) -> None:
        """Keep it until they are told."""
        self._ended.append(operation)
        if len(self._ended) >= MOST_UNTOLD:
            self.tell()

    def tell(self) -> None:
        """Tell each of them of all that ended since."""
        ended, self._ended = self._ended, []
        for observer in self._observers:
            for operation in ended:
                observer.ended(operation)
