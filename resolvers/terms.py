"""What the API's operations are held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.context import payer_of
from resolvers.costs import COSTS
from resolvers.engine.budgets import Budgets
from resolvers.engine.terms import SECONDS, Purse, Terms
from rules.operations import BudgetExhausted, OperationTimedOut

if TYPE_CHECKING:
    from resolvers.engine.observing import Observer


def make_terms(
    *,
    points_per_minute: int | None = None,
    seconds: float = SECONDS,
    shows_schema: bool = False,
    observer: Observer | None = None,
) -> Terms:
    """Return the terms; without points per minute, nobody is held to a budget."""
    budgets = Budgets(points_per_minute) if points_per_minute else None
    return Terms(
        costs=COSTS,
        seconds=seconds,
        timed_out=OperationTimedOut,
        shows_schema=shows_schema,
        purse=Purse(budgets, payer_of, BudgetExhausted) if budgets else None,
        observer=observer,
    )
