"""Staff and invitations as the API shows them to those who administer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from models.people import User
from reading.people import OFFICES, offices_of
from reading.staff import CONFIRMED_AT, state_from, state_of
from resolvers.engine.shapes import Arguments, Computed, Rows, Shape, Together, ToMany
from resolvers.shapes.catalogue import OFFICE
from resolvers.shapes.colleagues import THEIR_NAME
from schema import staff as api
from schema.scalars import EmailAddress

if TYPE_CHECKING:
    from models import catalogue
    from models import staff as rows
    from rules.staff import StaffState


async def _states(users: Sequence[User], _scene: Any) -> dict[UUID, StaffState]:
    return {user.id: state_of(user) for user in users}


def _state_at_once(user: Any, _scene: Any) -> StaffState:
    return state_from(user.deactivated_at, user.confirmed_at)


async def _offices(
    user_ids: Collection[UUID], _arguments: Sequence[Arguments], _scene: Any
) -> dict[UUID, list[catalogue.Office]]:
    return await offices_of(user_ids)


STAFF_MEMBER = Shape(
    api.StaffMember,
    model=User,
    columns=("email", "role", "signed_in_at", "deactivated_at"),
    computed={
        "user_id": Computed(("id",), lambda user, _: user.id, same_as="id"),
        "full_name": THEIR_NAME,
    },
    together={
        "state": Together(
            ("deactivated_at",),
            _states,
            planned=Computed(("deactivated_at",), _state_at_once, facts={"confirmed_at": CONFIRMED_AT}),
        )
    },
    relations={"offices": ToMany(_offices, OFFICE, rows=Rows(OFFICES))},
)


def show_invitation(row: rows.Invitation) -> api.Invitation:
    """Return an invitation as the API shows it."""
    return api.Invitation(
        id=row.id,
        email=EmailAddress(row.email),
        role=row.role,
        office_codes=row.offices,
        invited_at=row.invited_at,
        expires_at=row.expires_at,
    )
