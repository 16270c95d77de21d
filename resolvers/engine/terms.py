"""What operations are held to: decided by whoever builds the door, the same for all who come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from graphql import GraphQLError

from resolvers.engine.allowances import NO_SEAT
from resolvers.engine.costs import CostTable
from resolvers.engine.errors import RequestError
from resolvers.engine.limits import LIMITS, MOST_COST, Limits
from resolvers.engine.scanning import TEXT_LIMITS, TextLimits, too_complex

if TYPE_CHECKING:
    from resolvers.engine.allowances import Allowance, Allowances
    from resolvers.engine.observing import Observed

SECONDS: Final = 10.0
JUDGING: Final = 200
"""Points for a document that is not known yet, whatever comes of it: some milliseconds to parse and to validate it."""


@dataclass(frozen=True, slots=True)
class Purse:
    """Who pays for an operation, from which allowance, and how it is said that it does not suffice."""

    allowances: Allowances
    known: Callable[[Any], Hashable]
    """Returns, for a context, who that is, if it is known; otherwise None or what is empty."""
    find: Callable[[Any], Awaitable[Hashable]]
    """Finds out."""
    exhausted: Callable[[int], BaseException]
    """Makes the refusal that names the seconds to wait."""
    crowded: Callable[[], BaseException]
    """Makes the refusal that says that all seats are taken."""


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
    observer: Callable[[Observed], object] | None = None
    """Is told of each operation that has ended."""

    async def admit(self, context: Any, points: int, *, waits: bool = False) -> Allowance | None:
        """
        Let an operation that costs so much be run; return whose seat it is to `free` in the end, None for nobody's.

        If it *waits* for a seat, then for as long as it may take itself.

        Raises:
            RequestError: it costs more than any may, or more than whoever pays has left; or all their seats are taken.
        """
        if points > self.most_cost:
            raise RequestError(too_complex(f"{self.most_cost} points of cost, it has {points}"))
        if (purse := self.purse) is None:
            return None
        payer = purse.known(context) or await purse.find(context)
        allowance = purse.allowances.known(payer) or purse.allowances.of(payer)
        if denied := allowance.spend(points, seats=1):
            if denied != NO_SEAT:
                raise _refused(purse.exhausted(denied))
            if not (waits and await allowance.wait(self.seconds)):
                raise _refused(purse.crowded())
        return allowance

    async def pay(self, context: Any, points: int) -> None:
        """
        Take so many points from whoever pays.

        Raises:
            RequestError: they have not enough left.
        """
        if (purse := self.purse) is not None and (wait := (await self.toll(context, points))()):
            raise _refused(purse.exhausted(wait))

    async def toll(self, context: Any, points: int) -> Callable[[], int]:
        """Return what takes so many points from whoever pays, or says in how many seconds there will be enough."""
        if (purse := self.purse) is None:
            return lambda: 0
        payer = purse.known(context) or await purse.find(context)
        # Found anew each time: a subscription lasts longer than what is kept of who seldom asks.
        return lambda: purse.allowances.of(payer).spend(points)


def _refused(refusal: BaseException) -> RequestError:
    return RequestError(GraphQLError(str(refusal), original_error=refusal))  # pyright: ignore[reportArgumentType]
