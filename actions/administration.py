"""What is set up before the counter opens: its offices, and who serves them."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from actions.transaction import tx
from models.catalogue import Office
from models.people import Post, User

if TYPE_CHECKING:
    from rules.access import Role
    from rules.people import Identity

OPENS_AT = time(8, 30)
CLOSES_AT = time(16, 30)

NINE_OFFICES = (
    ("SEDE-CENTRAL", "Sede Central"),
    ("LIMA", "Oficina Regional Lima"),
    ("CHICLAYO", "Oficina Regional Norte Chiclayo"),
    ("PUCALLPA", "Oficina Regional Oriente Pucallpa"),
    ("HUANCAYO", "Oficina Regional Centro Huancayo"),
    ("CUSCO", "Oficina Regional Sur Oriente Cusco"),
    ("AREQUIPA", "Oficina Regional Sur Arequipa"),
    ("PUNO", "Oficina Regional Altiplano Puno"),
    ("SAN-MARTIN", "Oficina Regional Nor Oriente San Martín"),
)
"""The destinations of the institution's own manual, in its order: code and name."""


async def plant_offices() -> None:
    """Make the nine offices that are not there yet; those that are stay as they are."""
    async with tx():
        await Office.bulk_create(
            [
                Office(code=code, name=name, position=place, opens_at=OPENS_AT, closes_at=CLOSES_AT)
                for place, (code, name) in enumerate(NINE_OFFICES, 1)
            ],
            ignore_conflicts=True,
        )


async def appoint(identity: Identity, *, role: Role, office_code: str) -> None:
    """Give an account the *role* and a post in an office; doing it twice is no error."""
    async with tx():
        user = await User.get(identity_kind=identity.kind, identity_number=identity.number)
        await User.filter(id=user.id).update(role=role)
        office = await Office.get(code=office_code)
        await Post.bulk_create([Post(user=user, office=office)], ignore_conflicts=True)
