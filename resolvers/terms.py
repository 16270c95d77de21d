"""What the API's operations are held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.context import account_of, payer_of
from resolvers.costs import COSTS
from resolvers.engine.budgets import Budgets
from resolvers.engine.seats import Seats
from resolvers.engine.terms import SECONDS, Purse, Terms
from rules.operations import BudgetExhausted, OperationTimedOut, TooManyOperations

if TYPE_CHECKING:
    from resolvers.engine.observing import Observer


def make_terms(
    *,
    points_per_minute: int | None = None,
    at_once: int | None = None,
    seconds: float = SECONDS,
    shows_schema: bool = False,
    observer: Observer | None = None,
) -> Terms:
    """Return the terms; what is left out of points per minute, and operations *at_once*, nobody is held to."""
    budgets = Budgets(points_per_minute) if points_per_minute else None
    return Terms(
        costs=COSTS,
        seconds=seconds,
        timed_out=OperationTimedOut,
        shows_schema=shows_schema,
        purse=Purse(budgets, payer_of, BudgetExhausted) if budgets else None,
        seats=Seats(at_once, account_of, TooManyOperations) if at_once else None,
        observer=observer,
    )
