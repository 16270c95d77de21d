"""Claims of identity: what they freeze, whom they tell, and what they cost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from models.people import User
from models.register import Entry
from models.requests import IdentityClaim
from rules.access import Role
from rules.claims import ClaimState
from tests.api import Api, filing, in_process, make_feed
from tests.counter import PASSWORD
from tests.database.claims.claiming import claim_it, record
from tests.people import JOSE, NOBODY, columns_of_user, mails, registration
from tests.requests import CLAIMED, claim
from tests.statements import Statements

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database


async def test_a_claim_freezes_the_account_and_both_are_told(stranger: Api, holder: Api) -> None:
    await claim_it(stranger)

    assert await mails() == [
        ("ACCOUNT_FROZEN", "jose@example.pe"),
        ("CLAIM_RECEIVED", "jose.verdadero@example.pe"),
    ]
    assert not await holder.is_known()
    assert (await holder.mutate("fileTramite", **filing(uuid4())))["code"] == "NOT_SIGNED_IN"
    right = await stranger.mutate("signIn", **JOSE, password=PASSWORD)
    wrong = await stranger.mutate("signIn", **JOSE, password="otra contraseña cualquiera")
    assert (right["__typename"], right["code"]) == ("NotSignedIn", "ACCOUNT_FROZEN")
    assert wrong["code"] == "WRONG_CREDENTIALS"
    made, user = await IdentityClaim.get(), await User.get()
    entry = await Entry.get(act="IDENTITY_CLAIMED")
    assert (entry.actor_id, entry.role) == (None, Role.SYSTEM)
    assert entry.detail == {"claim": str(made.id), "user": str(user.id), "frozen": True}


async def test_a_session_begun_just_as_the_account_is_frozen_is_worth_nothing(
    stranger: Api, holder: Api, counter: Counter
) -> None:
    await User.filter(id=holder.viewer.user_id).update(frozen_at=counter.clock())

    assert not await holder.is_known()


async def test_tramites_of_a_frozen_account_go_on(stranger: Api, holder: Api, counter: Counter) -> None:
    tramite = await counter.file(holder.viewer)
    clerk = await stranger.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    await claim_it(stranger)

    answer = await clerk.mutate("resolveTramite", "tramite { status }", id=str(tramite.id), text="Se entregó la copia.")

    assert answer["tramite"] == {"status": "RESOLVED"}


async def test_an_identity_without_an_account_is_answered_alike(stranger: Api) -> None:
    before = await columns_of_user()

    await claim_it(stranger, **NOBODY)

    assert await mails() == [("CLAIM_RECEIVED", "jose.verdadero@example.pe")]
    assert (await IdentityClaim.get()).user_id is None
    assert set((await Entry.get(act="IDENTITY_CLAIMED")).detail) == {"claim"}
    assert await columns_of_user() == before


async def test_whoever_has_the_identity_a_claim_costs_the_same(stranger: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = Statements(monkeypatch)

    taken = [
        await statements.of(stranger.mutate("claimIdentity", **claim(**changes)))
        for changes in ({}, {}, NOBODY, NOBODY)
    ]

    assert len(set(taken)) == 1


async def test_a_second_claim_is_answered_alike_and_tells_the_holder_nothing(stranger: Api) -> None:
    await claim_it(stranger)
    first = await IdentityClaim.get(state=ClaimState.WAITING).values()

    await claim_it(stranger, email="otra@example.pe")

    assert await IdentityClaim.filter(state=ClaimState.WAITING).values() == [first]
    assert (await IdentityClaim.get(state=ClaimState.IGNORED)).user_id is None
    assert [kind for kind, _ in await mails()].count("ACCOUNT_FROZEN") == 1


@pytest.mark.parametrize("whose", [JOSE, NOBODY])
async def test_of_many_claims_at_once_one_waits(stranger: Api, whose: dict[str, str]) -> None:
    answers = await asyncio.gather(
        *(stranger.mutate("claimIdentity", "isReceived", **claim(**whose)) for _ in range(2))
    )

    assert answers == [CLAIMED] * 2
    assert sorted([row["state"] for row in await IdentityClaim.all().values("state")]) == ["IGNORED", "WAITING"]


async def test_everything_wrong_is_named_at_once_and_nothing_is_kept(stranger: Api) -> None:
    before = await record()

    answer = await stranger.mutate(
        "claimIdentity",
        **claim(
            identityNumber="1",
            givenNames="",
            firstSurname="1",
            secondSurname="2",
            email="x",
            mobile="1",
            statement="x" * 1001,
        ),
    )

    assert [(each["path"][1], each["code"]) for each in (answer, *answer["others"])] == [
        ("identityNumber", "INVALID_IDENTITY"),
        ("givenNames", "TEXT_MISSING"),
        ("firstSurname", "INVALID_NAME"),
        ("secondSurname", "INVALID_NAME"),
        ("email", "INVALID_EMAIL"),
        ("mobile", "INVALID_MOBILE"),
        ("statement", "TEXT_TOO_LONG"),
    ]
    assert await record() == before


async def test_a_claimed_account_makes_room_for_nobody(counter: Counter, database: Database) -> None:
    async with in_process(counter, make_feed(database)) as api:
        await api.mutate("register", **registration())
        await claim_it(api)
        before = await columns_of_user()
        counter.clock.advance(days=2)

        await api.mutate("register", **registration(email="otra@example.pe"))

        assert await columns_of_user() == before
