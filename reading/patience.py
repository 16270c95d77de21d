"""Searches that take too long: the database gives them up, and whoever asked is told what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg

from rules.refusals import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Generator


class SearchTooBroad(InvalidInput):
    """The database gave the search up after its time."""

    code = "SEARCH_TOO_BROAD"

    def __init__(self) -> None:
        super().__init__(
            "La búsqueda tarda demasiado. Agregue otra palabra, una dependencia o un rango de fechas y vuelva a "
            "buscar.",
            path=("filter",),
        )


@contextmanager
def refused_if_slow() -> Generator[None]:
    """Refuse what the database gives up, within the block, because it takes too long."""
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise SearchTooBroad from error
