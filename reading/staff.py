"""The staff, and who was invited to it, as those may see them who administer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from tortoise.expressions import Q

from models.catalogue import Office
from models.people import User
from models.staff import Invitation
from reading.cursors import id_in, instant_in, place_of, values_in
from reading.tramites import check_count
from rules.access import Role
from rules.duties import Duty, has_duty
from rules.staff import NoSuchInvitation, NoSuchStaff, StaffState

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from reading.access import Viewer

MOST_INVITATIONS = 100


@dataclass(frozen=True)
class StaffPage:
    """Some members of staff of the list, and whether there are more."""

    members: list[User]
    has_next: bool


async def page_of(
    viewer: Viewer, *, first: int, after: str | None, role: Role | None, state: StaffState | None
) -> StaffPage:
    """
    Return the *first* members of staff after a place, the longest here first, also those who left.

    None to whom the list is not for.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    query = page_query(viewer, first=first, after=after, role=role, state=state)
    if query is None:
        return StaffPage([], has_next=False)
    found = await query.select_related("second_factor")
    return StaffPage(found[:first], has_next=len(found) > first)


def page_query(
    viewer: Viewer, *, first: int, after: str | None, role: Role | None, state: StaffState | None
) -> QuerySet[User] | None:
    """
    Return the query of what `page_of` finds, and of one more; None for those whom it is not for.

    Raises:
        TooManyAtOnce, UnknownCursor: what they say.
    """
    check_count(first, "first")
    if not has_duty(viewer.role, Duty.SEE_STAFF):
        return None
    query = User.filter(_in_state(state) if state else Q(), closed_at__isnull=True).exclude(role=Role.APPLICANT)
    if role is not None:
        query = query.filter(role=role)
    if after is not None:
        at, id_ = values_in(after, count=2)
        began = instant_in(at)
        query = query.filter(Q(created_at__gt=began) | Q(created_at=began, id__gt=id_in(id_)))
    return query.order_by("created_at", "id").limit(first + 1)


async def all_members() -> list[User]:
    """Return all who are or were staff, the longest here first, with their second factors: for the machine itself."""
    members = User.filter(closed_at__isnull=True).exclude(role=Role.APPLICANT)
    return await members.order_by("created_at", "id").select_related("second_factor")


def place_for(user: User) -> str:
    """Return the place of a member of staff in the list."""
    return place_told(user.created_at, user.id)


def place_told(created_at: datetime, id_: UUID) -> str:
    """Return the place of who has had their account since then."""
    return place_of(created_at.isoformat(), id_.hex)


def _in_state(state: StaffState) -> Q:
    left = Q(deactivated_at__isnull=False)
    has_factor = Q(second_factor__confirmed_at__isnull=False)
    match state:
        case StaffState.DEACTIVATED:
            return left
        case StaffState.ACTIVE:
            return ~left & has_factor
        case StaffState.WITHOUT_SECOND_FACTOR:
            return ~left & Q(second_factor__confirmed_at__isnull=True)
        case _:
            assert_never(state)


def state_of(user: User) -> StaffState:
    """Return how it stands with a member of staff, fetched with their second factor."""
    factor = user.second_factor
    return state_from(user.deactivated_at, factor.confirmed_at if factor else None)


CONFIRMED_AT = "(SELECT confirmed_at FROM second_factors WHERE user_id = {row}.id)"
"""When the person in `{row}` showed their second factor for the first time."""


def state_from(deactivated_at: datetime | None, confirmed_at: datetime | None) -> StaffState:
    """Return how it stands with who left then, and has a second factor since then."""
    if deactivated_at:
        return StaffState.DEACTIVATED
    has_factor = confirmed_at is not None
    return StaffState.ACTIVE if has_factor else StaffState.WITHOUT_SECOND_FACTOR


async def member_of(user_id: UUID) -> User:
    """
    Return a member of staff, also one who left, with their second factor.

    Raises:
        NoSuchStaff: there is none of that id.
    """
    members = User.filter(id=user_id, closed_at__isnull=True).exclude(role=Role.APPLICANT)
    member = await members.select_related("second_factor").first()
    if member is None:
        raise NoSuchStaff
    return member


def is_open(at: datetime) -> Q:
    """Return the condition that holds for invitations that can be accepted at an instant."""
    return Q(accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=at)


async def open_invitations(viewer: Viewer, *, at: datetime) -> list[Invitation]:
    """Return the invitations that wait, the last first; none to whom they are not for."""
    if not has_duty(viewer.role, Duty.SEE_STAFF):
        return []
    return await Invitation.filter(is_open(at)).order_by("-invited_at", "id").limit(MOST_INVITATIONS)


async def open_invitation(invitation_id: UUID, *, at: datetime) -> Invitation:
    """
    Return an invitation that waits.

    Raises:
        NoSuchInvitation: there is none of that id.
    """
    found = await Invitation.get_or_none(is_open(at), id=invitation_id)
    if found is None:
        raise NoSuchInvitation
    return found


async def offices_of_codes(codes: Collection[str]) -> dict[str, Office]:
    """Return the offices of those codes, in their order."""
    return {office.code: office for office in await Office.filter(code__in=list(codes)).order_by("position")}
