"""How the counter says no: a stable code for programs, a Spanish sentence for people, the field it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
V = TypeVar("V")


class Refusal(Exception):
    """The counter says no. Concrete refusals stand beside their rule and set their own `code`."""

    code: str = "REFUSED"

    def __init__(self, message: str, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def at(self, *prefix: str) -> Self:
        """Say that the field lies under *prefix*; return the refusal itself."""
        self.path = (*prefix, *self.path)
        return self


class InvalidInput(Refusal):
    """A field does not hold what it must; `others` are further wrong fields of the same input."""

    code = "INVALID_INPUT"

    def __init__(self, message: str, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(message, path=path)
        self.others: tuple[InvalidInput, ...] = ()

    def at(self, *prefix: str) -> Self:
        """Say that the field, and those of the others, lie under *prefix*; return the refusal itself."""
        for other in self.others:
            other.at(*prefix)
        return super().at(*prefix)


class NotSignedIn(Refusal):
    """Nobody is signed in, or the session has ended."""

    code = "NOT_SIGNED_IN"

    def __init__(
        self,
        message: str = "Ingrese con su documento y contraseña para continuar; si ya lo hizo, su sesión terminó.",
        *,
        path: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, path=path)


class NotAllowed(Refusal):
    """The person may see the thing but not do this with it."""

    code = "NOT_ALLOWED"


class NotFound(Refusal):
    """There is no such thing, or it may not be seen: both are answered alike."""

    code = "NOT_FOUND"


class WrongStep(Refusal):
    """The trámite is not in a state from which this step may be taken."""

    code = "WRONG_STEP"


class Conflict(Refusal):
    """The request contradicts what is already recorded."""

    code = "CONFLICT"


class TooManyRequests(Refusal):
    """A limit of rate or of capacity is reached; trying later, if known after how many seconds, is right."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, *, path: tuple[str, ...] = (), retry_after_seconds: int | None = None) -> None:
        super().__init__(message, path=path)
        self.retry_after_seconds = retry_after_seconds


class Checks:
    """Tries every field of an input and refuses once, with all that is wrong."""

    def __init__(self) -> None:
        self._found: list[InvalidInput] = []

    def take(self, field: str, rule: Callable[[V], T], value: V) -> T | None:
        """Return `rule(value)`, or None after noting the refusal for *field*."""
        try:
            return rule(value)
        except InvalidInput as refusal:
            self._found.append(refusal.at(field))
            return None

    @property
    def found(self) -> tuple[InvalidInput, ...]:
        """All that was noted."""
        return tuple(self._found)

    def note(self, refusal: InvalidInput) -> None:
        """Note a refusal that concerns several fields."""
        self._found.append(refusal)

    def refuse_any(self) -> None:
        """
        End the checks.

        Raises:
            InvalidInput: the first that was noted, with all further ones in `others`.
        """
        if self._found:
            first, *others = self._found
            first.others = tuple(others)
            raise first
