"""Administrators made at the machine itself, and helped there when nobody else can."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from actions.administrators import (
    AccountThere,
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
from tests.api import Api
from tests.commands import all_said
from tests.people import mails
from tests.seals import seal_environ

if TYPE_CHECKING:
    from pathlib import Path

    from tests.counter import Counter
    from tests.servers.postgres import Database


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
    assert not await maria.is_known(), "sessions end with another role"
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
    with pytest.raises(AccountThere):  # whose data are given may be another person
        await make_administrator(counter.tools, identity, form, may_be_another=True)


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
    assert not await ana.is_known()
    assert (await Entry.get(act=Act.SECOND_FACTOR_RESET)).role is Role.SYSTEM
    assert [kind for kind, _ in await mails()].count("SECOND_FACTOR_RESET") == 1


async def call(database: Database, folder: Path, *words: str, typed: str = "", **environ: str) -> tuple[int, str]:
    settings = {
        "MESA_DATABASE_URL": database.web_url,
        "MESA_DATA": str(folder),
        "MESA_ENTITY_NAME": "Entidad",
        "MESA_MAIL_ADDRESS": "mesa@example.pe",
        "MESA_SECRET_KEY": "nobody guesses this key of a test",
        "MESA_SECOND_FACTOR_KEYS": "nobody guesses this other key of a test",
        **seal_environ(),
    }
    return await all_said("staff", *words, environ={**settings, **environ}, typed=typed)


async def test_the_command_makes_one_lists_them_and_says_what_is_wrong_in_one_line(
    counter: Counter, database: Database, tmp_path: Path
) -> None:
    form = ("--email", "olga@example.pe", "--given-names", "Olga", "--first-surname", "Paz", "--mobile", "987654321")
    born, password = ("--birth-date", "1980-01-31"), "la montaña azul canta hoy"

    said = [
        await call(database, tmp_path, "list"),
        await call(database, tmp_path, "create-administrator", "70000005"),
        await call(database, tmp_path, "create-administrator", "70000005", *form),
        await call(database, tmp_path, "create-administrator", "70000005", *form, *born),
        await call(database, tmp_path, "create-administrator", "70000005", *form, *born, typed="corta\ncorta\n"),
        await call(database, tmp_path, "create-administrator", "70000005", *form, *born, typed=f"{password}\n" * 2),
        await call(database, tmp_path, "create-administrator", "70000005"),
        await call(database, tmp_path, "create-administrator", "70000005", "--another"),
        await call(database, tmp_path, "create-administrator", "\x1b[31m7", "--another"),
        await call(database, tmp_path, "reset-second-factor", "70000005", "--reason", "Perdió el celular."),
        await call(database, tmp_path, "list"),
        await call(database, tmp_path, "list", MESA_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"),
    ]

    assert [code for code, _ in said] == [0, 1, 2, 1, 1, 0, 1, 1, 1, 1, 0, 1]
    assert not [text for _, text in said if "Traceback" in text or "\x1b" in text or password in text]
    assert "Nobody is staff yet" in said[0][1]
    assert "needs also --birth-date" in said[2][1]
    assert ("Ya hay quien administra" in said[6][1], "no se cambió nada" in said[7][1]) == (True, True)
    [line] = [line for line in said[10][1].splitlines() if "70000005" in line]
    assert line.split() == ["ADMINISTRATOR", "WITHOUT_SECOND_FACTOR", "DNI", "70000005", "Olga", "Paz"]
    assert "The database cannot be used" in said[11][1]
