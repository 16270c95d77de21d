"""People as the API shows them to themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from reading.people import offices_of
from resolvers.engine.shapes import Arguments, Computed, Shape, ToMany
from resolvers.shapes.catalogue import OFFICE
from schema.people import User

if TYPE_CHECKING:
    from models import catalogue, people


def _second_surname(user: people.User, _scene: Any) -> str | None:
    return user.second_surname or None


def _is_email_verified(user: people.User, _scene: Any) -> bool:
    return user.email_verified_at is not None


async def _offices(
    user_ids: Collection[UUID], _arguments: Sequence[Arguments], _scene: Any
) -> dict[UUID, list[catalogue.Office]]:
    return await offices_of(user_ids)


USER = Shape(
    User,
    columns=(
        "id",
        "identity_kind",
        "identity_number",
        "given_names",
        "first_surname",
        "full_name",
        "email",
        "mobile",
        "wants_courtesy_notices",
        "role",
    ),
    computed={
        "second_surname": Computed(("second_surname",), _second_surname),
        "is_email_verified": Computed(("email_verified_at",), _is_email_verified),
    },
    relations={"offices": ToMany(_offices, OFFICE)},
)
