"""What operations are held to: decided by whoever builds the door, the same for all who come."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final

from graphql import GraphQLError

from resolvers.engine.costs import CostTable
from resolvers.engine.errors import RequestError
from resolvers.engine.limits import LIMITS, MOST_COST, Limits
from resolvers.engine.scanning import TEXT_LIMITS, TextLimits, too_complex

if TYPE_CHECKING:
    from resolvers.engine.budgets import Budgets
    from resolvers.engine.observing import Observer
    from resolvers.engine.seats import Seats, Stay

SECONDS: Final = 10.0
JUDGING: Final = 200
"""Points for a document that is not known yet, whatever comes of it: some milliseconds to parse and to validate it."""


@dataclass(frozen=True)
class Purse:
    """Who pays for an operation, from which budget, and how it is said that it does not suffice."""

    budgets: Budgets
    payer: Callable[[Any], Hashable | Coroutine[Any, Any, Hashable]]
    """Returns, for a context, who that is; what is known needs no await."""
    exhausted: Callable[[int], BaseException]
    """Makes the refusal that names the seconds to wait."""


@dataclass(frozen=True, eq=False)
class Terms:
    """Limits, price, time; what is told of mistakes; and who watches."""

    costs: CostTable = field(default_factory=CostTable)
    text: TextLimits = TEXT_LIMITS
    limits: Limits = LIMITS
    most_cost: int = MOST_COST
    judging: int = JUDGING
    seconds: float = SECONDS
    """How long an operation may take; statements should be given as long."""
    timed_out: Callable[[], BaseException] = TimeoutError
    """Makes the refusal that says so."""
    shows_schema: bool = True
    """Whether messages may name what the schema has, as introspection does."""
    purse: Purse | None = None
    seats: Seats | None = None
    """How many operations of one account may run at once."""
    observer: Observer | None = None

    async def admit(self, context: Any, points: int, stay: Stay, *, waits: bool = False) -> None:
        """
        Let an operation that costs so much be run, for its *stay*.

        If it *waits* for a seat, then for as long as it may take itself.

        Raises:
            RequestError: it costs more than any may, or more than whoever pays has left; or all their seats are taken.
        """
        if points > self.most_cost:
            raise RequestError(too_complex(f"{self.most_cost} points of cost, it has {points}"))
        await self.pay(context, points)
        if self.seats is not None and not await stay.begin(context, wait_seconds=self.seconds if waits else 0):
            raise _refused(self.seats.refused())

    async def pay(self, context: Any, points: int) -> None:
        """
        Take so many points from whoever pays.

        Raises:
            RequestError: they have not enough left.
        """
        if (purse := self.purse) is None:
            return
        payer = purse.payer(context)
        if isinstance(payer, CoroutineType):
            payer = await payer
        if wait := purse.budgets.spend(payer, points):
            raise _refused(purse.exhausted(wait))

    async def toll(self, context: Any, points: int) -> Callable[[], int]:
        """Return what takes so many points from whoever pays, or says in how many seconds there will be enough."""
        if self.purse is None:
            return lambda: 0
        payer = self.purse.payer(context)
        if isinstance(payer, CoroutineType):
            payer = await payer
        return partial(self.purse.budgets.spend, payer, points)


def _refused(refusal: BaseException) -> RequestError:
    return RequestError(GraphQLError(str(refusal), original_error=refusal))  # pyright: ignore[reportArgumentType]
