"""Columns that Tortoise lacks."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from tortoise.fields.data import CharField

if TYPE_CHECKING:
    from tortoise.fields.base import Field
    from tortoise.models import Model

E = TypeVar("E", bound=Enum)


class _EnumColumn(CharField[Any]):
    """
    A string column that Python sees as an enum.

    To the migrations it is a plain CharField: Tortoise's own enum field would make every migration import today's
    enum, and ask for a new migration with each member that is added.
    """

    def __init__(self, enum_type: type[Enum], *, max_length: int, **options: Any) -> None:
        super().__init__(max_length, **options)
        self._enum = enum_type

    def to_python_value(self, value: Any) -> Any:
        return None if value is None else self._enum(value)

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> str | None:
        self.validate(value)
        return None if value is None else str(self._enum(value).value)

    def describe(self, serializable: bool) -> dict[str, Any]:
        return {**super().describe(serializable), "field_type": "CharField" if serializable else CharField}

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        _, arguments, options = super().deconstruct()
        plain = {name: value.value if isinstance(value, Enum) else value for name, value in options.items()}
        plain.pop("enum_type", None)
        return "tortoise.fields.data.CharField", arguments, {**plain, "max_length": self.max_length}


@overload
def enum_column(enum_type: type[E], *, max_length: int, default: E | None = None) -> Field[E]: ...
@overload
def enum_column(enum_type: type[E], *, max_length: int, null: bool) -> Field[E | None]: ...
def enum_column(enum_type: type[E], *, max_length: int, **options: Any) -> Field[Any]:
    """Return a column of at most *max_length* characters that holds the value of a member of *enum_type*."""
    return cast("Field[Any]", _EnumColumn(enum_type, max_length=max_length, **options))
