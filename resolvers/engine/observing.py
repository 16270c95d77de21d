"""What is told of each operation to whoever watches: once, at its end; nothing is reckoned if nobody does."""

from __future__ import annotations

from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resolvers.engine.operations import Prepared

STAGES: Final = ("prepare", "admit", "run", "encode")

MOST_TEXTS: Final = 12
"""So many statements of an operation are kept as text; a document has hardly more roots."""


MOST_UNTOLD: Final = 10_000
"""More than a process answers between two times; of more, observers are told of the last."""


class Observer(Protocol):
    """Watches operations."""

    def ended(self, operations: Sequence[Observed]) -> None:
        """Take note of operations that have ended; it must neither fail nor wait."""


@dataclass(init=False)
class Observed:
    """
    One operation: what is noted while it runs, and told when it has ended, however it did.

    Neither variables nor anything of the answer: whoever watches learns what was asked for, not of whom. While it runs,
    only the time is noted at which each stage ended; whoever is told reckons. Without slots or `__init__`: what was not
    noted is found at the class, which costs nothing to make.
    """

    prepared: Prepared | None = None
    """What was asked for; None where the document was not even read, or is in no order."""
    code: str | None = None
    """That of its first error."""
    error_id: str | None = None
    cost: int = 0
    is_planned: bool = False
    """Whether it was compiled, rather than run by the plain resolvers."""
    statements: int = 0
    texts: tuple[str, ...] = ()
    """The first statements, without what was given to them."""
    began: float = 0.0
    """When it did, by a clock that only goes forward (`time.perf_counter`), as at what time its stages ended."""
    prepared_at: float = 0.0
    """0 for a stage that it did not come to the end of."""
    admitted_at: float = 0.0
    ran_at: float = 0.0
    encoded_at: float = 0.0

    @property
    def name(self) -> str | None:
        """That of the operation in its document."""
        return self.prepared.name if self.prepared else None

    @property
    def kind(self) -> str:
        """`query` or `mutation`; empty where the document is in no order."""
        return self.prepared.kind_name if self.prepared else ""

    @property
    def digest(self) -> str:
        """SHA-256 of the document, if it is in order."""
        return self.prepared.digest if self.prepared else ""

    @property
    def is_trusted(self) -> bool:
        """Whether its document is one that was agreed on."""
        return self.prepared is not None and self.prepared.is_trusted

    @property
    def duration(self) -> float:
        """How long it took until its last stage ended, in seconds."""
        return (self.encoded_at or self.ran_at or self.admitted_at or self.prepared_at or self.began) - self.began

    @property
    def seconds(self) -> tuple[float, float, float, float]:
        """How long each of the STAGES took."""
        began, prepared = self.began, self.prepared_at or self.began
        admitted = self.admitted_at or prepared
        ran = self.ran_at or admitted
        return prepared - began, admitted - prepared, ran - admitted, (self.encoded_at or ran) - ran


running: Final = ContextVar[Observed | None]("observed_operation", default=None)
"""The operation, if it is watched, to which the statements count that are run here."""


def note_statement(text: str) -> None:
    """Count a statement for the operation that is being run here, if one is watched."""
    if (operation := running.get()) is not None:
        operation.statements = count = operation.statements + 1
        if count <= MOST_TEXTS:
            operation.texts += (text,)


class Observers:
    """
    Those who watch, told of many operations together, which leaves the processor's caches to the operations.

    Told of each by itself, they would cost an operation four times as much. Whoever makes it calls `tell` some times a
    second.
    """

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers, self._untold = observers, deque[Observed](maxlen=MOST_UNTOLD)
        self.note: Callable[[Observed], None] = self._untold.append
        """Keeps an operation that has ended until they are told."""

    def tell(self) -> None:
        """Tell each of them of all that ended since."""
        untold = tuple(self._untold)
        self._untold.clear()
        for observer in self._observers:
            observer.ended(untold)
