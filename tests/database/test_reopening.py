"""Reopening (reapertura): by supervisors, of what ended; what was validated stays so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from actions.lapsing import lapse_overdue
from models.tramites import Tramite
from rules.access import Role
from rules.notices import NoticeKind
from tests.database.desk import HERE, mails

if TYPE_CHECKING:
    from tests.database.desk import Desk


@pytest.mark.parametrize("end", ["RESOLVED", "LAPSED"])
@pytest.mark.parametrize("office", [HERE, "PUNO"])
async def test_a_supervisor_of_any_office_reopens_what_ended(desk: Desk, end: str, office: str) -> None:
    if end == "RESOLVED":
        await desk.do(desk.clerk, "resolveTramite", text="Se entregó.")
    else:
        await desk.do(desk.clerk, "observeTramite", text="Falta la firma.")
        await desk.counter.deliver()
        desk.counter.clock.advance(days=9)
        assert await lapse_overdue(desk.counter.tools) == 1
    desk.maria = await desk.api.signed_in_again(desk.counter, desk.maria)
    supervisor = await desk.person(Role.SUPERVISOR, office)
    assert (await desk.seen(supervisor))["allowedSteps"] == ["REOPEN"]

    reopened = await desk.do(supervisor, "reopenTramite", reason="El plazo se contó mal.")

    assert (reopened["status"], reopened["resolution"], reopened["office"]) == ("PENDING", None, {"code": HERE})
    last = {"act": "REOPENED", "text": "El plazo se contó mal.", "actorRole": "SUPERVISOR"}
    assert (await desk.seen(desk.maria))["history"][-1] == last
    assert [told["reason"] for told in await mails(NoticeKind.REOPENED)] == ["El plazo se contó mal."]
    assert await lapse_overdue(desk.counter.tools) == 0
    again = await desk.refused(supervisor, "reopenTramite", reason="Otra vez.")
    assert again["code"] == "STEP_NOT_OPEN"


async def test_a_reopened_tramite_is_not_observed_a_second_time(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "observeTramite", text="Falta la firma.")
    await desk.do(desk.maria, "correctTramite", clientKey="5a8b2f7e-52c0-4c1c-a2a6-1d9b6b0d1b11", text="Ya está.")
    await desk.do(desk.clerk, "resolveTramite", text="Se entregó.")
    await desk.do(supervisor, "reopenTramite", reason="Error nuestro.")

    answer = await desk.refused(desk.clerk, "observeTramite", text="Falta otra cosa.")

    assert answer["code"] == "OBSERVED_BEFORE"


async def test_a_clerk_does_not_reopen_and_a_reason_is_needed(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "resolveTramite", text="Se entregó.")

    by_clerk = await desk.refused(desk.clerk, "reopenTramite", reason="Error.")
    without = await desk.refused(supervisor, "reopenTramite", reason="  ")

    assert (by_clerk["__typename"], by_clerk["code"]) == ("NotAllowed", "STEP_NOT_ALLOWED")
    assert (without["code"], without["path"]) == ("TEXT_MISSING", ["input", "reason"])


async def test_a_reopened_tramite_is_nobodys(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "takeTramite")
    assert (await desk.do(desk.clerk, "resolveTramite", text="Se entregó."))["owner"] is not None

    assert (await desk.do(supervisor, "reopenTramite", reason="Error nuestro."))["owner"] is None


@pytest.mark.parametrize("deed", ["updateTramite", "voidTramite"])
async def test_what_was_validated_is_its_applicants_no_more_though_it_was_reopened(desk: Desk, deed: str) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "resolveTramite", text="Se entregó.")
    await desk.do(supervisor, "reopenTramite", reason="Error nuestro.")

    answer = await desk.refused(desk.maria, deed, **({"subject": "Otro"} if deed == "updateTramite" else {}))

    assert (answer["__typename"], answer["code"]) == ("WrongStep", "VALIDATED_BEFORE")
    assert "presente un escrito" in answer["message"]
    assert (await desk.seen(desk.maria))["allowedSteps"] == []


async def test_what_lapsed_unvalidated_is_its_applicants_again_when_it_is_reopened(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "receiveTramite")
    await desk.do(desk.clerk, "observeTramite", text="Falta la firma.")
    await desk.counter.deliver()
    desk.counter.clock.advance(days=9)
    assert await lapse_overdue(desk.counter.tools) == 1
    supervisor = await desk.api.signed_in_again(desk.counter, supervisor)
    await desk.do(supervisor, "reopenTramite", reason="El plazo se contó mal.")
    desk.maria = await desk.api.signed_in_again(desk.counter, desk.maria)

    assert (await desk.seen(desk.maria))["allowedSteps"] == ["UPDATE", "VOID"]
    assert (await desk.do(desk.maria, "voidTramite"))["status"] == "VOIDED"


async def test_what_was_erased_is_not_reopened(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "resolveTramite", text="Se entregó.")
    await Tramite.filter(id=desk.tramite["id"]).update(erased_at=desk.counter.clock())

    assert (await desk.seen(supervisor))["allowedSteps"] == []
    answer = await desk.refused(supervisor, "reopenTramite", reason="Error nuestro.")

    assert (answer["__typename"], answer["code"]) == ("WrongStep", "TRAMITE_ERASED")


async def test_what_was_voided_is_not_reopened(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.maria, "voidTramite")

    assert (await desk.refused(supervisor, "reopenTramite", reason="Error."))["code"] == "STEP_NOT_OPEN"
