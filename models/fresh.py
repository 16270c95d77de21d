"""Rows that are about to be inserted, made at a quarter of what Tortoise's constructor costs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from tortoise.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable

M = TypeVar("M", bound=Model)

UNSAVED = {"_partial": False, "_saved_in_db": False, "_custom_generated_pk": False}
"""What Tortoise's constructor says of a row before it is saved."""


def fresh(model: type[M], /, **values: Any) -> M:
    """
    Return a row as `model(**values)` does, whose values have the types of its columns: they are neither checked nor
    converted before they are written. For tables whose key is no serial number.
    """
    plain, made, relations = _defaults(model)
    row = model.__new__(model)
    held = vars(row)
    held.update(UNSAVED, _await_when_save={}, **plain)
    held.update({name: make() for name, make in made if name not in values})
    held.update(values)
    for name in relations.intersection(values):
        setattr(row, name, held.pop(name))
    return row


@cache
def _defaults(
    model: type[Model],
) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...], frozenset[str]]:
    """Return the defaults of columns, those that are made anew for each row, and the names of what rows refer to."""
    meta = model._meta  # pyright: ignore[reportPrivateUsage] - where Tortoise keeps what it knows of a model
    fields = {name: meta.fields_map[name] for name in meta.fields - meta.fetch_fields}
    made = tuple((name, field.default) for name, field in fields.items() if callable(field.default))
    plain = {
        name: field.get_db_default_value() if field.default is None and field.has_db_default() else field.default
        for name, field in fields.items()
        if not callable(field.default)
    }
    return plain, made, frozenset(meta.fk_fields)
