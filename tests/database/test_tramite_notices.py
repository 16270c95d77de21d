"""The notices of a trámite as its applicant and staff see them, and what a person wants to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from actions import tramites
from models.people import User
from models.receipts import Notice
from models.register import Entry
from rules.access import Role
from rules.notices import NoticeKind, NoticeState
from rules.register import Act
from tests.api import Api
from tests.statements import Statements

if TYPE_CHECKING:
    from tests.counter import Counter

NOTICES = """query($number: String!, $last: Int! = 20) { tramite(number: $number) { notices(last: $last) {
    kind label state reason attempts createdAt finishedAt maskedAddress } } }"""

PREFER = """mutation($wants: Boolean!) { setNoticePreferences(input: { wantsCourtesyNotices: $wants }) {
    __typename ... on Refusal { code } ... on SetNoticePreferencesSuccess { user { wantsCourtesyNotices } } } }"""


async def notices_of(api: Api, number: str, **arguments: Any) -> list[dict[str, Any]]:
    return (await api.data(NOTICES, number=number, **arguments))["tramite"]["notices"]


async def test_the_applicant_and_staff_see_what_became_of_each_notice(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter, email="maria@example.pe")
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(maria.viewer)
    await counter.deliver()
    counter.clock.advance(minutes=1)
    await tramites.observe_tramite(counter.tools, clerk.viewer, tramite.id, text="Falta la firma.")
    await Notice.filter(kind=NoticeKind.OBSERVED).update(
        state=NoticeState.UNDELIVERABLE,
        reason="BOUNCED 5.1.1",
        attempts=3,
        next_try_at=None,
        finished_at=counter.clock(),
    )

    shown = await notices_of(maria, tramite.number)

    assert shown == [
        {
            "kind": "SUBMISSION_RECEIPT",
            "label": "Constancia de envío",
            "state": "SENT",
            "reason": None,
            "attempts": 1,
            "createdAt": "2026-03-09T15:00:00+00:00",
            "finishedAt": "2026-03-09T15:00:00+00:00",
            "maskedAddress": "m***@example.pe",
        },
        {
            "kind": "OBSERVED",
            "label": "Observación",
            "state": "UNDELIVERABLE",
            "reason": "La dirección no existe o ya no recibe correo. Indique otra.",
            "attempts": 3,
            "createdAt": "2026-03-09T15:01:00+00:00",
            "finishedAt": "2026-03-09T15:01:00+00:00",
            "maskedAddress": "m***@example.pe",
        },
    ]
    assert await notices_of(clerk, tramite.number) == shown
    assert await notices_of(maria, tramite.number, last=1) == shown[1:]


async def test_strangers_see_no_notices(api: Api, counter: Counter) -> None:
    tramite = await counter.file(await counter.register())
    stranger = await api.signed_in(counter)

    assert (await stranger.data(NOTICES, number=tramite.number))["tramite"] is None


@pytest.mark.parametrize("last", [0, 101])
async def test_notices_are_bounded(api: Api, counter: Counter, last: int) -> None:
    maria = await api.signed_in(counter)
    tramite = await counter.file(maria.viewer)

    answer = await maria.answer(NOTICES, number=tramite.number, last=last)

    assert answer["errors"][0]["extensions"]["code"] == "PAGE_SIZE"


async def test_notices_of_three_tramites_cost_as_many_queries_as_of_one(
    api: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria = await api.signed_in(counter)
    statements, counts = Statements(monkeypatch), list[int]()
    for _ in range(2):
        await counter.file(maria.viewer)
        statements.count = 0
        await maria.data("{ tramites { edges { node { notices { kind } } } } }")
        counts.append(statements.count)
        await counter.file(maria.viewer)

    assert counts == [2, 1], "one for who asks, unless it is remembered, and one for the list"


async def test_courtesy_is_wanted_until_it_is_switched_off_and_on_again(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    before = await maria.data("{ me { wantsCourtesyNotices } }")

    answers = [await maria.data(PREFER, wants=wants) for wants in (False, False, True)]

    assert before["me"] == {"wantsCourtesyNotices": True}
    assert [answer["setNoticePreferences"]["user"]["wantsCourtesyNotices"] for answer in answers] == [
        False,
        False,
        True,
    ]
    entries = await Entry.filter(act=Act.NOTICES_CHANGED).order_by("sequence")
    assert [(entry.actor_id, entry.tramite_id, entry.detail["wantsCourtesyNotices"]) for entry in entries] == [
        (maria.viewer.user_id, None, False),
        (maria.viewer.user_id, None, True),
    ]


async def test_nobody_sets_preferences_without_signing_in(api: Api, counter: Counter) -> None:
    await counter.register()

    answer = await api.data(PREFER, wants=False)

    assert answer["setNoticePreferences"]["code"] == "NOT_SIGNED_IN"
    assert await User.filter(wants_courtesy_notices=False).count() == 0
