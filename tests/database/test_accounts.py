"""Accounts: who registered can sign in, nobody learns who else did, and what is wrong is named."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from actions import accounts, sessions
from actions.credentials import PasswordPool, TooManySignIns
from models.people import Session, User
from models.receipts import Notice
from models.register import Entry
from reading.access import renewed, viewer_of
from rules.notices import NoticeKind
from rules.people import IdentityKind
from rules.refusals import InvalidInput
from tests.counter import PASSWORD

if TYPE_CHECKING:
    from tests.counter import Counter


async def sign_in(counter: Counter, form: accounts.Registration) -> sessions.SignedIn:
    return await counter.begin_session(form)


async def test_who_registered_signs_in_and_only_hashes_are_kept(counter: Counter) -> None:
    form = counter.registration()
    await accounts.register_account(counter.tools, form)

    signed_in = await sign_in(counter, form)

    viewer = await viewer_of(signed_in.token, at=counter.clock())
    assert viewer is not None
    assert viewer.user_id == signed_in.user.id
    user, session = await User.get(), await Session.get()
    assert user.password_hash.startswith("$argon2id$")
    assert signed_in.token.encode() not in bytes(session.token_hash)


async def test_a_foreigner_registers_with_a_ptp(counter: Counter) -> None:
    form = replace(counter.registration(), identity_kind=IdentityKind.PTP, identity_number="ab1234567")
    await accounts.register_account(counter.tools, form)

    signed_in = await sign_in(counter, replace(form, identity_number="AB1234567"))

    assert signed_in.user.identity_number == "AB1234567"


async def test_registering_twice_answers_alike_and_tells_the_holder(counter: Counter) -> None:
    form = counter.registration()
    await accounts.register_account(counter.tools, form)

    await accounts.register_account(
        counter.tools, replace(form, email="otra@example.pe", password="otra clave muy larga y distinta")
    )

    assert await User.all().count() == 1
    told = await Notice.get(kind=NoticeKind.ACCOUNT_EXISTS)
    assert told.address == form.email
    with pytest.raises(sessions.WrongCredentials):
        await sign_in(counter, replace(form, password="otra clave muy larga y distinta"))


async def test_registering_twice_at_once_makes_one_account(counter: Counter) -> None:
    form = counter.registration()

    await asyncio.gather(*(accounts.register_account(counter.tools, form) for _ in range(4)))

    assert await User.all().count() == 1
    assert await Entry.all().count() == 1


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"identity_number": "1234567"}, ("identityNumber",), "INVALID_IDENTITY"),
        ({"identity_number": "12345678-X"}, ("identityNumber",), "INVALID_IDENTITY"),
        ({"identity_kind": IdentityKind.CE, "identity_number": "12"}, ("identityNumber",), "INVALID_IDENTITY"),
        ({"given_names": ""}, ("givenNames",), "TEXT_MISSING"),
        ({"given_names": "R2D2"}, ("givenNames",), "INVALID_NAME"),
        ({"first_surname": "x" * 101}, ("firstSurname",), "TEXT_TOO_LONG"),
        ({"second_surname": "\0"}, ("secondSurname",), "TEXT_UNREADABLE"),
        ({"birth_date": date(2026, 3, 10)}, ("birthDate",), "INVALID_BIRTH_DATE"),
        ({"birth_date": date(1890, 1, 1)}, ("birthDate",), "INVALID_BIRTH_DATE"),
        ({"email": "maria\r\nBcc: x@example.pe"}, ("email",), "INVALID_EMAIL"),
        ({"mobile": "123"}, ("mobile",), "INVALID_MOBILE"),
        ({"password": "corta"}, ("password",), "WEAK_PASSWORD"),
        ({"password": "a" * 257}, ("password",), "WEAK_PASSWORD"),
    ],
)
async def test_a_wrong_field_is_named_and_nobody_is_registered(
    counter: Counter, changes: dict[str, object], path: tuple[str, ...], code: str
) -> None:
    form = replace(counter.registration(), **changes)  # pyright: ignore[reportArgumentType]

    with pytest.raises(InvalidInput) as refused:
        await accounts.register_account(counter.tools, form)

    assert (refused.value.path, refused.value.code) == (path, code)
    assert await User.all().count() == 0
    assert await Notice.all().count() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"password": PASSWORD + "."},
        {"password": ""},
        {"password": "x" * 5000},
        {"password": "\ud800" * 15},
        {"identity_number": "87654321"},
        {"identity_number": "no es un número"},
        {"identity_kind": IdentityKind.CE},
    ],
)
async def test_wrong_credentials_are_refused_alike(counter: Counter, changes: dict[str, object]) -> None:
    form = counter.registration()
    await accounts.register_account(counter.tools, form)

    with pytest.raises(sessions.WrongCredentials):
        await sign_in(counter, replace(form, **changes))  # pyright: ignore[reportArgumentType]

    assert await Session.all().count() == 0


async def test_a_session_ends_by_signing_out(counter: Counter) -> None:
    form = counter.registration()
    await accounts.register_account(counter.tools, form)
    signed_in = await sign_in(counter, form)
    viewer = await viewer_of(signed_in.token, at=counter.clock())
    assert viewer is not None

    await sessions.sign_out(counter.tools, viewer)

    assert await viewer_of(signed_in.token, at=counter.clock()) is None
    assert await renewed(viewer, at=counter.clock()) is None


async def test_a_session_ends_by_time(counter: Counter) -> None:
    form = counter.registration()
    await accounts.register_account(counter.tools, form)
    signed_in = await sign_in(counter, form)

    counter.clock.advance(hours=12)

    assert await viewer_of(signed_in.token, at=counter.clock()) is None


async def test_an_unknown_token_is_nobody(counter: Counter) -> None:
    assert await viewer_of("no such token", at=counter.clock()) is None


async def test_the_queue_of_passwords_has_an_end() -> None:
    pool = PasswordPool(threads=1)

    answers = await asyncio.gather(*(pool.hash("x") for _ in range(40)), return_exceptions=True)

    pool.close()
    assert sum(isinstance(answer, TooManySignIns) for answer in answers) == 8


async def test_a_hash_costs_what_owasp_asks_for_at_least() -> None:
    pool = PasswordPool(threads=1)
    kept = await pool.hash(PASSWORD)
    pool.close()

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
