"""What staff see of requests about accounts, and what concerns the account of the viewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tortoise.expressions import Q
from tortoise.models import Model

from models.people import IDENTITY_NUMBER_LENGTH
from models.requests import IdentityClaim, RecoveryRequest
from reading.cursors import id_in, instant_in, place_of, values_in
from reading.tramites import check_count
from rules.claims import RESERVED_FOR, ClaimState
from rules.desk import DeskRight, NoSuchRequest, has_right
from rules.recoveries import RecoveryState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer
    from rules.people import IdentityKind

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list with their places, and whether there are more before and after."""

    rows: list[Row]
    places: list[str]
    has_previous: bool
    has_next: bool


def visible_recoveries(viewer: Viewer) -> QuerySet[RecoveryRequest]:
    """Return the query of all recovery requests that *viewer* may see; those that matched no account are nobody's."""
    found = RecoveryRequest.filter(user_id__isnull=False).select_related("user")
    return found if has_right(viewer.role, DeskRight.SEE_RECOVERIES) else found.filter(id__isnull=True)


def visible_claims(viewer: Viewer) -> QuerySet[IdentityClaim]:
    """Return the query of all claims that *viewer* may see."""
    found = IdentityClaim.filter(id__isnull=False).select_related("user")
    return found if has_right(viewer.role, DeskRight.SEE_CLAIMS) else found.filter(id__isnull=True)


async def recoveries_page(
    viewer: Viewer, *, state: RecoveryState, identity_number: str | None, first: int, after: str | None
) -> Page[RecoveryRequest]:
    """
    Return the *first* recovery requests after a place that the viewer may see, the one asked first first.

    Raises:
        TooManyAtOnce, UnknownCursor: as `reading.tramites`.
    """
    which = Q(state=state) & _of_number("user__identity_number", identity_number)
    return await _page(visible_recoveries(viewer).filter(which), "asked_at", first=first, after=after)


async def claims_page(
    viewer: Viewer, *, state: ClaimState, identity_number: str | None, first: int, after: str | None
) -> Page[IdentityClaim]:
    """
    Return the *first* claims after a place that the viewer may see, the one made first first.

    Raises:
        TooManyAtOnce, UnknownCursor: as `reading.tramites`.
    """
    which = Q(state=state) & _of_number("identity_number", identity_number)
    return await _page(visible_claims(viewer).filter(which), "claimed_at", first=first, after=after)


def _of_number(column: str, number: str | None) -> Q:
    """Return the condition for a document's number, which may be any text: nobody's is longer than its column."""
    if not number:
        return Q()
    return Q(**{column: number}) if len(number) <= IDENTITY_NUMBER_LENGTH else Q(id__isnull=True)


async def _page(query: QuerySet[Row], since: str, *, first: int, after: str | None) -> Page[Row]:
    check_count(first, "first")
    if after is not None:
        instant, id_ = _place(after)
        later: dict[str, Any] = {f"{since}__gt": instant}
        same: dict[str, Any] = {since: instant, "id__gt": id_}
        query = query.filter(Q(**later) | Q(**same))
    rows = await query.order_by(since, "id").limit(first + 1)
    places = [place_of(getattr(row, since).isoformat(), row.pk.hex) for row in rows[:first]]
    return Page(rows[:first], places, has_previous=after is not None, has_next=len(rows) > first)


def _place(after: str) -> tuple[datetime, UUID]:
    instant, id_ = values_in(after, count=2)
    return instant_in(instant), id_in(id_)


async def find_recovery(viewer: Viewer, request_id: UUID) -> RecoveryRequest:
    """
    Return a recovery request with its account.

    Raises:
        NoSuchRequest: there is none that the viewer may see.
    """
    found = await visible_recoveries(viewer).filter(id=request_id).first()
    if found is None:
        raise NoSuchRequest
    return found


async def find_claim(viewer: Viewer, claim_id: UUID) -> IdentityClaim:
    """
    Return a claim with the account it is about.

    Raises:
        NoSuchRequest: there is none that the viewer may see.
    """
    found = await visible_claims(viewer).filter(id=claim_id).first()
    if found is None:
        raise NoSuchRequest
    return found


async def recovery_of(viewer: Viewer) -> RecoveryRequest | None:
    """Return the request about the viewer's own account that waits, None if none does."""
    return await RecoveryRequest.get_or_none(user_id=viewer.user_id, state=RecoveryState.WAITING)


async def reserved_address(kind: IdentityKind, number: str, *, at: datetime) -> str | None:
    """Return with which address alone an identity may be registered, because it was handed over lately."""
    handed_over = IdentityClaim.filter(
        identity_kind=kind,
        identity_number=number,
        state=ClaimState.HANDED_OVER,
        decided_at__gt=at - RESERVED_FOR,
    )
    claim = await handed_over.order_by("-decided_at").first()
    return claim.email if claim else None
