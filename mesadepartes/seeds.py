"""What the database holds before anybody comes: the offices, and for trying, two people and the mailbox."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from actions import accounts
from actions.administration import appoint, plant_offices
from actions.mail import open_mailbox
from mesadepartes.development import APPLICANT, CLERK
from models.people import User
from rules.access import Role
from rules.people import Identity, IdentityKind

if TYPE_CHECKING:
    from actions.tools import Tools
    from mesadepartes.development import TrialPerson
    from mesadepartes.settings import Settings

BORN_ON = date(1990, 1, 1)


async def plant_trial(tools: Tools, settings: Settings) -> None:
    """Plant the offices, the mailbox, one applicant and one clerk; what is there already stays as it is."""
    assert settings.imap_user is not None
    await plant_offices()
    await open_mailbox(account=settings.imap_user, folder=settings.imap_folder, office_code=settings.intake_office)
    await _register(tools, APPLICANT, role=Role.APPLICANT)
    await _register(tools, CLERK, role=Role.CLERK)
    await appoint(Identity(IdentityKind.DNI, CLERK.dni), role=Role.CLERK, office_code=settings.intake_office)


async def _register(tools: Tools, person: TrialPerson, *, role: Role) -> None:
    # Looking first is enough here: registering twice would do no harm but a mail.
    if await User.exists(identity_kind=IdentityKind.DNI, identity_number=person.dni):
        return
    form = accounts.Registration(
        identity_kind=IdentityKind.DNI,
        identity_number=person.dni,
        given_names=person.given_names,
        first_surname=person.first_surname,
        second_surname=person.second_surname,
        birth_date=BORN_ON,
        email=person.email,
        mobile=person.mobile,
        password=person.password,
    )
    await accounts.register_account(tools, form, role=role, is_verified=True)
