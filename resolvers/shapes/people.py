"""People as the API shows them to themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from models.people import User as Row
from reading.people import OFFICES, SECOND_FACTOR, SecondFactorStanding, offices_of, second_factors_of
from resolvers.engine.shapes import Arguments, Computed, Rows, Shape, Together, ToMany
from resolvers.shapes.catalogue import OFFICE
from resolvers.shapes.colleagues import THEIR_NAME
from rules.access import Role
from rules.people import IdentityKind
from schema.people import SecondFactor, User

if TYPE_CHECKING:
    from models import catalogue, people
    from resolvers.context import Scene


def _dni(user: people.User, _scene: Any) -> str | None:
    return user.identity_number if user.identity_kind is IdentityKind.DNI else None


def _second_surname(user: people.User, _scene: Any) -> str | None:
    return user.second_surname or None


def _is_email_verified(user: people.User, _scene: Any) -> bool:
    return user.email_verified_at is not None


def _role(user: people.User, scene: Scene) -> Role:
    viewer = scene.viewer
    return viewer.role if viewer and viewer.user_id == user.id else Role.APPLICANT


def _appointed_role(user: people.User, _scene: Any) -> Role:
    return Role.APPLICANT if user.deactivated_at else user.role


async def _second_factors(users: Sequence[people.User], scene: Scene) -> dict[UUID, SecondFactor]:
    standings = await second_factors_of([user.id for user in users])
    return {user.id: _second_factor(user, standings[user.id], scene) for user in users}


def _second_factor_at_once(user: Any, scene: Scene) -> SecondFactor:
    return _second_factor(user, SecondFactorStanding(user.is_enrolled, user.recovery_codes_left), scene)


def _second_factor(user: Any, standing: SecondFactorStanding, scene: Scene) -> SecondFactor:
    viewer = scene.viewer
    return SecondFactor(
        is_enrolled=standing.is_enrolled,
        is_passed=viewer is not None and viewer.has_second_factor and viewer.user_id == user.id,
        is_required=_appointed_role(user, scene) is not Role.APPLICANT,
        recovery_codes_left=standing.recovery_codes_left,
    )


def _offices_sql(role: Role) -> str:
    return "SELECT * FROM offices WHERE false" if role is Role.APPLICANT else OFFICES


async def _offices(
    user_ids: Collection[UUID], _arguments: Sequence[Arguments], scene: Scene
) -> dict[UUID, list[catalogue.Office]]:
    is_staff = scene.viewer is not None and scene.viewer.role is not Role.APPLICANT
    return await offices_of(user_ids) if is_staff else {}


USER = Shape(
    User,
    model=Row,
    columns=(
        "id",
        "identity_kind",
        "identity_number",
        "given_names",
        "first_surname",
        "email",
        "mobile",
        "wants_courtesy_notices",
    ),
    computed={
        "dni": Computed(("identity_kind", "identity_number"), _dni),
        "full_name": THEIR_NAME,
        "second_surname": Computed(("second_surname",), _second_surname),
        "is_email_verified": Computed(("email_verified_at",), _is_email_verified),
        "role": Computed(("id",), _role),
        "appointed_role": Computed(("role", "deactivated_at"), _appointed_role),
    },
    together={
        "second_factor": Together(
            ("role", "deactivated_at"),
            _second_factors,
            planned=Computed(("id", "role", "deactivated_at"), _second_factor_at_once, facts=SECOND_FACTOR),
        )
    },
    relations={"offices": ToMany(_offices, OFFICE, rows=Rows(_offices_sql))},
)
