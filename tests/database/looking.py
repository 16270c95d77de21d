"""Lists of trámites as tests ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.api import Api

FIND = """query($first: Int, $after: String, $last: Int, $before: String, $filter: TramiteFilter,
    $order: TramiteOrder! = SENT_LATEST_FIRST) {
    tramites(first: $first, after: $after, last: $last, before: $before, filter: $filter, order: $order) {
        edges { cursor node { number subject } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount { count isExact } } }"""
ORDERS = ("SENT_LATEST_FIRST", "SENT_EARLIEST_FIRST", "FILED_LATEST_FIRST", "DEADLINE_SOONEST_FIRST")


async def find(api: Api, **variables: Any) -> dict[str, Any]:
    """Return a part of the list."""
    return (await api.data(FIND, **variables))["tramites"]


async def refusal(api: Api, **variables: Any) -> dict[str, Any]:
    """Return why a list is refused."""
    [error] = (await api.answer(FIND, **variables))["errors"]
    return error["extensions"]
