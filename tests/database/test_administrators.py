"""Administrators made at the machine itself, and helped there when nobody else can."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from actions.administrators import (
    AddressNotProved,
    AdministratorThere,
    NoSuchAccount,
    make_administrator,
    reset_at_machine,
)
from models.people import User
from models.register import Entry
from models.second_factors import SecondFactor
from rules.access import Role
from rules.administration import NothingToChange
from rules.claims import FrozenMeanwhile
from rules.people import Identity, IdentityKind
from rules.refusals import InvalidInput
from rules.register import Act
from rules.second_factors import NoSecondFactor
from tests.api import Api, in_process, make_feed
from tests.people import mails

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.counter import Counter
    from tests.servers.postgres import Database


@pytest_asyncio.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield made


async def identity_of(api: Api) -> Identity:
    return Identity(IdentityKind.DNI, (await User.get(id=api.viewer.user_id)).identity_number)


async def test_who_has_an_account_becomes_administrator_once_and_keeps_it(counter: Counter, api: Api) -> None:
    maria, rosa = await api.signed_in(counter), await api.signed_in(counter)

    await make_administrator(counter.tools, await identity_of(maria))
    with pytest.raises(AdministratorThere):
        await make_administrator(counter.tools, await identity_of(rosa))
    await make_administrator(counter.tools, await identity_of(rosa), may_be_another=True)
    with pytest.raises(NothingToChange):
        await make_administrator(counter.tools, await identity_of(rosa), may_be_another=True)

    assert await User.filter(role=Role.ADMINISTRATOR).count() == 2
    assert (await maria.data("{ me { id } }"))["me"] is None, "sessions end with another role"
    back = await api.signed_in_again(counter, maria)
    assert (await back.data("{ me { role } }"))["me"] == {"role": "ADMINISTRATOR"}
    made = await Entry.filter(act=Act.ADMINISTRATOR_MADE)
    assert [(entry.role, entry.actor_id) for entry in made] == [(Role.SYSTEM, None)] * 2
    assert [kind for kind, _ in await mails()].count("STAFF_ASSIGNED") == 2


async def test_an_account_is_opened_for_who_has_none_if_their_data_are_given(counter: Counter) -> None:
    form = counter.registration()
    identity = Identity(form.identity_kind, form.identity_number)

    with pytest.raises(NoSuchAccount):
        await make_administrator(counter.tools, identity)
    await make_administrator(counter.tools, identity, form)

    user = await User.get()
    assert (user.role, user.email_verified_at is not None) == (Role.ADMINISTRATOR, True)


async def test_an_address_that_nobody_proved_is_not_trusted(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    await User.all().update(email_verified_at=None)

    with pytest.raises(AddressNotProved):
        await make_administrator(counter.tools, await identity_of(maria))

    assert (await User.get()).role is Role.APPLICANT


async def test_whose_identity_somebody_else_claims_does_not_administer(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    await User.all().update(frozen_at=counter.clock())

    with pytest.raises(FrozenMeanwhile):
        await make_administrator(counter.tools, await identity_of(maria))

    assert (await User.get()).role is Role.APPLICANT


async def test_two_who_make_administrators_at_once_make_one(counter: Counter, api: Api) -> None:
    people = [await identity_of(await api.signed_in(counter)) for _ in range(2)]

    made = await asyncio.gather(*[make_administrator(counter.tools, each) for each in people], return_exceptions=True)

    assert [type(each) for each in made if each is not None] == [AdministratorThere], made
    assert await User.filter(role=Role.ADMINISTRATOR).count() == 1


async def test_the_only_administrator_who_lost_the_telephone_is_helped_at_the_machine(
    counter: Counter, api: Api
) -> None:
    ana = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    identity = await identity_of(ana)
    with pytest.raises(InvalidInput):
        await reset_at_machine(counter.tools, identity, reason=" ")

    await reset_at_machine(counter.tools, identity, reason="Perdió el celular.")

    with pytest.raises(NoSecondFactor):
        await reset_at_machine(counter.tools, identity, reason="Otra vez.")
    assert await SecondFactor.all().count() == 0
    assert (await ana.data("{ me { id } }"))["me"] is None
    assert (await Entry.get(act=Act.SECOND_FACTOR_RESET)).role is Role.SYSTEM
    assert [kind for kind, _ in await mails()].count("SECOND_FACTOR_RESET") == 1
