"""What the API's operations are held to."""

from __future__ import annotations

from functools import partial
from math import inf
from operator import attrgetter
from typing import TYPE_CHECKING
from uuid import UUID

from resolvers.context import payer_of
from resolvers.costs import COSTS
from resolvers.engine.allowances import Allowances
from resolvers.engine.terms import SECONDS, Purse, Terms
from rules.operations import BudgetExhausted, OperationTimedOut, TooManyOperations

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from resolvers.engine.observing import Observed


def make_terms(
    *,
    points_per_minute: int | None = None,
    at_once: int | None = None,
    seconds: float = SECONDS,
    shows_schema: bool = False,
    observer: Callable[[Observed], object] | None = None,
) -> Terms:
    """Return the terms; what is left out of points per minute, and operations *at_once*, nobody is held to."""
    purse = None
    if points_per_minute or at_once:
        allowances = Allowances(points_per_minute or None, partial(_seats, at_once or inf))
        purse = Purse(allowances, attrgetter("account"), payer_of, BudgetExhausted, TooManyOperations)
    return Terms(
        costs=COSTS,
        seconds=seconds,
        timed_out=OperationTimedOut,
        shows_schema=shows_schema,
        purse=purse,
        observer=observer,
    )


def _seats(at_once: float, payer: Hashable) -> float:
    """Return how many operations may run at once of an account; a network, behind which many may be, is not held."""
    return at_once if isinstance(payer, UUID) else inf
