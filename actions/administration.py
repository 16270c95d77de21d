"""What is set up before the counter opens: its offices, and who serves them."""

from __future__ import annotations

import hashlib
from datetime import time
from typing import TYPE_CHECKING

from actions.transaction import tx
from models.catalogue import Office
from models.drafts import PolicyText
from models.people import Post, User
from reading.catalogue import office_of_code

if TYPE_CHECKING:
    from actions.tools import Tools
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
    """
    Give an account the *role* and a post in an office; doing it twice is no error.

    Raises:
        NoSuchOffice: there is no office of that code.
    """
    async with tx():
        user = await User.get(identity_kind=identity.kind, identity_number=identity.number)
        await User.filter(id=user.id).update(role=role)
        office = await office_of_code(office_code)
        await Post.bulk_create([Post(user=user, office=office)], ignore_conflicts=True)


async def keep_policy(tools: Tools) -> None:
    """
    Keep the text of the privacy policy in force, so that what people accept stays readable.

    Raises:
        PolicyChanged: the text is another than the one that was accepted under the same version.
    """
    institution = tools.institution
    digest = hashlib.sha256(institution.privacy_policy.encode()).hexdigest()
    policy = PolicyText(
        version=institution.privacy_policy_version,
        text=institution.privacy_policy,
        sha256=digest,
        first_seen_at=tools.clock(),
    )
    async with tx():
        await PolicyText.bulk_create([policy], ignore_conflicts=True)
        kept = await PolicyText.get(version=policy.version)
    if kept.sha256 != digest:
        raise PolicyChanged(policy.version)


class PolicyChanged(Exception):
    """The privacy policy was changed without a new version."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"The text of privacy policy {version} is not the one that was in force under this version before. "
            "Give the new text a new version: MESA_PRIVACY_POLICY_VERSION."
        )
