"""What is told of each operation to whoever watches: once, at its end; nothing is reckoned if nobody does."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter, time_ns
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_TEXTS: Final = 12
"""So many statements of an operation are kept as text; a document has hardly more roots."""


class Observer(Protocol):
    """Watches operations."""

    def ended(self, operation: Observed) -> None:
        """Take note of an operation that has ended; it must neither fail nor wait."""


@dataclass(frozen=True, slots=True)
class Observed:
    """
    One operation that has ended, however it did.

    Neither variables nor anything of the answer: whoever watches learns what was asked for, not of whom.
    """

    name: str | None
    kind: str
    """`query`, `mutation` or `subscription`; empty where the document was not even read."""
    digest: str
    """SHA-256 of the document."""
    is_trusted: bool
    code: str | None
    """That of its first error."""
    error_id: str | None
    started_ns: int
    seconds: Mapping[str, float]
    """By stage: prepare, admit, run, encode."""
    statements: int
    texts: tuple[str, ...]
    """The first statements, without what was given to them."""
    cost: int
    is_planned: bool
    """Whether it was compiled, rather than run by the plain resolvers."""

    @property
    def duration(self) -> float:
        """All stages together."""
        return sum(self.seconds.values())


@dataclass(slots=True)
class Statements:
    """Those of one operation."""

    count: int = 0
    texts: list[str] = field(default_factory=list[str])

    def note(self, text: str) -> None:
        """Count one, and keep the first ones."""
        self.count += 1
        if len(self.texts) < MOST_TEXTS:
            self.texts.append(text)


_STATEMENTS: ContextVar[Statements | None] = ContextVar("statements", default=None)


def note_statement(text: str) -> None:
    """Count a statement for the operation that is being run here, if one is watched."""
    if statements := _STATEMENTS.get():
        statements.note(text)


class Watch:
    """Takes the times of one operation's stages."""

    __slots__ = ("_last", "_mark", "_seconds", "_started", "_statements")

    def __init__(self) -> None:
        self._started = time_ns()
        self._seconds = dict[str, float]()
        self._statements = Statements()
        self._mark = _STATEMENTS.set(self._statements)
        self._last = perf_counter()

    def lap(self, stage: str) -> None:
        """Say that a stage has ended."""
        now = perf_counter()
        self._seconds[stage] = self._seconds.get(stage, 0.0) + now - self._last
        self._last = now

    def observed(
        self,
        *,
        name: str | None,
        kind: str,
        digest: str,
        is_trusted: bool,
        code: str | None,
        error_id: str | None,
        cost: int,
        is_planned: bool,
    ) -> Observed:
        """Return what became of it, and watch no longer."""
        _STATEMENTS.reset(self._mark)
        statements = self._statements
        return Observed(
            name=name,
            kind=kind,
            digest=digest,
            is_trusted=is_trusted,
            code=code,
            error_id=error_id,
            started_ns=self._started,
            seconds=self._seconds,
            statements=statements.count,
            texts=tuple(statements.texts),
            cost=cost,
            is_planned=is_planned,
        )


class Observers:
    """Several observers as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers

    def ended(self, operation: Observed) -> None:
        """Tell each of them."""
        for observer in self._observers:
            observer.ended(operation)
