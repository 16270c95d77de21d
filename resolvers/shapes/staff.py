"""Staff and invitations as the API shows them to those who administer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from reading.people import offices_of
from reading.staff import state_of
from resolvers.engine.shapes import Arguments, Computed, Shape, ToMany
from resolvers.shapes.catalogue import OFFICE
from schema import staff as api
from schema.scalars import EmailAddress

if TYPE_CHECKING:
    from models import catalogue, people
    from models import staff as rows
    from rules.staff import StaffState


def _state(user: people.User, _scene: Any) -> StaffState:
    return state_of(user)


async def _offices(
    user_ids: Collection[UUID], _arguments: Sequence[Arguments], _scene: Any
) -> dict[UUID, list[catalogue.Office]]:
    return await offices_of(user_ids)


STAFF_MEMBER = Shape(
    api.StaffMember,
    columns=("full_name", "email", "role", "signed_in_at", "deactivated_at"),
    computed={
        "user_id": Computed(("id",), lambda user, _: user.id),
        "state": Computed(("deactivated_at",), _state),
    },
    relations={"offices": ToMany(_offices, OFFICE)},
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
