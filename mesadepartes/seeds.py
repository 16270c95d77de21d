"""What the database holds before anybody comes: the offices, and for trying, some people and the mailbox."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from actions import accounts
from actions.administration import appoint, plant_offices
from actions.mail import open_mailbox
from actions.second_factors import plant_second_factor
from mesadepartes.development import PEOPLE
from models.people import User
from rules.people import Identity, IdentityKind
from rules.staff import WITH_OFFICES

if TYPE_CHECKING:
    from actions.tools import Tools
    from mesadepartes.development import TrialPerson
    from mesadepartes.settings import Settings

BORN_ON = date(1990, 1, 1)


async def plant_trial(tools: Tools, settings: Settings) -> None:
    """Plant the offices, the mailbox, and the people for trying; what is there already stays as it is."""
    assert settings.imap_user is not None
    await plant_offices()
    await open_mailbox(account=settings.imap_user, folder=settings.imap_folder, office_code=settings.intake_office)
    for person in PEOPLE:
        await _plant(tools, person, office_code=settings.intake_office)


async def _plant(tools: Tools, person: TrialPerson, *, office_code: str) -> None:
    # Looking first is enough here: registering twice would do no harm but a mail.
    identity = Identity(IdentityKind.DNI, person.dni)
    if not await User.exists(identity_kind=identity.kind, identity_number=identity.number):
        await _register(tools, person)
        if person.role in WITH_OFFICES:
            await appoint(identity, role=person.role, office_code=office_code)
    if person.seed:
        await plant_second_factor(tools, identity, person.seed)


async def _register(tools: Tools, person: TrialPerson) -> None:
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
    await accounts.register_account(tools, form, role=person.role, is_verified=True)
