"""One variable of the environment: how it is declared in the table of settings, and how its value is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

T = TypeVar("T")


WATCH_TOKEN = "MESA_WATCH_TOKEN"  # noqa: S105 - the name of a variable
"""What `mesadepartes watch` reads its token from: a variable of ours that is no setting of a counter."""

WRONG_SETTINGS_EXIT = 78
"""How a process ends whose settings are wrong (EX_CONFIG of sysexits.h): starting it again will not help."""


class Part(StrEnum):
    """What can be started; each needs other settings."""

    WEB = "web"
    INTAKE = "intake"
    DELIVERY = "delivery"
    ROUNDS = "rounds"
    MIGRATE = "migrate"


class WrongSettings(Exception):
    """All that is missing or wrong in the environment; names and reasons, never the value of a secret."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True)
class Variable:
    """One row of the table."""

    name: str
    parse: Callable[[str], object]
    default: str | None
    meaning: str
    needed_by: frozenset[Part]
    is_secret: bool
    may_be_empty: bool = False

    @property
    def file_name(self) -> str:
        """The variable that names a file with the value, for secrets."""
        return f"{self.name}_FILE"


def setting(name: str, parse: Callable[[str], T], default: str, meaning: str, *, may_be_empty: bool = False) -> T:
    """Declare a variable that has a default."""
    variable = Variable(name, parse, default, meaning, frozenset(), is_secret=False, may_be_empty=may_be_empty)
    return field(metadata={"variable": variable})


def needed(name: str, parse: Callable[[str], T], meaning: str, *parts: Part, is_secret: bool = False) -> T | None:
    """Declare a variable that has none, without which these *parts* cannot do."""
    variable = Variable(name, parse, None, meaning, frozenset(parts), is_secret)
    return field(default=None, metadata={"variable": variable}, repr=not is_secret)


def value_in(environ: Mapping[str, str], variable: Variable, needed_by: frozenset[Part]) -> object:
    """
    Return the value of a variable, or what it is by default.

    Raises:
        ValueError: it is wrong, or not there though one of these parts cannot do without; says how, not which.
    """
    text = _given(environ, variable)
    if text is None:
        text = variable.default
    if text is None:
        if parts := sorted(variable.needed_by & needed_by):
            raise ValueError(f"is not set ({', '.join(parts)} cannot do without): {variable.meaning}")
        return None
    return variable.parse(text)


def _given(environ: Mapping[str, str], variable: Variable) -> str | None:
    """Return the value as given, an empty one being none where it says nothing; a secret may lie in a file."""
    plain = environ.get(variable.name)
    plain = plain if variable.may_be_empty else plain or None
    path = environ.get(variable.file_name) or None
    if not variable.is_secret or path is None:
        return plain
    if plain is not None:
        raise ValueError(f"and {variable.file_name} are both set; keep one")
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot be read from {variable.file_name}={path}: {type(error).__name__}") from None


def unknown_names(environ: Mapping[str, str], table: Iterable[Variable]) -> Iterator[str]:
    """Complain of names that look like ours and are none."""
    variables = list(table)
    known = {WATCH_TOKEN} | {each.name for each in variables} | {each.file_name for each in variables if each.is_secret}
    for name in sorted(environ):
        if name.startswith("MESA_") and name not in known:
            yield f"{name} is no setting; is it misspelt?"
