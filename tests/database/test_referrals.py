"""Referrals (derivaciones): to an office, and on to the next one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import pytest

from actions import tramites
from models.catalogue import Office
from models.receipts import Receipt
from models.tramites import Tramite
from rules.access import Role
from tests.database.desk import HERE, THERE

if TYPE_CHECKING:
    from tests.database.desk import Desk
    from tests.servers.postgres import Database


async def test_a_referral_goes_on_to_the_next_office_and_its_word_is_for_that_office(desk: Desk) -> None:
    there, puno = await desk.person(Role.CLERK, THERE), await desk.person(Role.CLERK, "PUNO")
    await desk.do(desk.clerk, "referTramite", officeCode=THERE, text="Para su atención.")

    await desk.do(there, "referTramite", officeCode="PUNO", text="Es de su competencia.")

    shown = {"clerk": await desk.seen(desk.clerk), "there": await desk.seen(there), "puno": await desk.seen(puno)}
    assert {name: each["allowedSteps"] for name, each in shown.items()} == {
        "clerk": [],
        "there": [],
        "puno": ["REFER", "RESOLVE", "CORRECT_FOLIOS"],
    }
    assert [act["text"] for act in shown["puno"]["history"]] == [None, "Para su atención.", "Es de su competencia."]
    for person in (desk.maria, desk.clerk, there, await desk.person(Role.AUDITOR, None)):
        assert [act["text"] for act in (await desk.seen(person))["history"]] == [None, None, None]


async def test_of_two_who_refer_at_once_one_issues_the_cargo(desk: Desk) -> None:
    clerks = [desk.clerk.viewer, (await desk.person(Role.CLERK, HERE)).viewer]

    async def refer(clerk: Any) -> Tramite:
        tools, id_ = desk.counter.tools, (await Tramite.get(number=desk.tramite["number"])).id
        return await tramites.refer_tramite(tools, clerk, id_, office_code=THERE, text=None)

    answers = await asyncio.gather(*map(refer, clerks), return_exceptions=True)

    assert [isinstance(answer, Tramite) for answer in answers].count(True) == 1
    assert await Receipt.filter(kind="RECEPTION").count() == 1


async def test_what_an_office_validates_may_stay_with_it_and_is_not_referred_to_it_twice(desk: Desk) -> None:
    there = await desk.person(Role.CLERK, THERE)
    kept = await desk.do(desk.clerk, "referTramite", officeCode=HERE)
    assert (kept["status"], kept["office"]) == ("REFERRED", {"code": HERE})

    again = await desk.refused(desk.clerk, "referTramite", officeCode=HERE)
    await desk.do(desk.clerk, "referTramite", officeCode=THERE)
    there_again = await desk.refused(there, "referTramite", officeCode=THERE)

    assert [(each["__typename"], each["code"], each["path"]) for each in (again, there_again)] == [
        ("InvalidInput", "ALREADY_THERE", ["input", "officeCode"])
    ] * 2


async def test_an_office_that_was_retired_gets_nothing_more_and_keeps_what_it_has(desk: Desk) -> None:
    await Office.filter(code__in=[HERE, THERE]).update(retired_at=desk.counter.clock())

    answer = await desk.refused(desk.clerk, "referTramite", officeCode=THERE)

    assert (answer["code"], answer["path"]) == ("OFFICE_RETIRED", ["input", "officeCode"])
    assert (await desk.do(desk.clerk, "referTramite", officeCode=HERE))["status"] == "REFERRED"


REFERRED_MEANWHILE = """
WITH referred AS (
    INSERT INTO referrals (id, tramite_id, from_office_id, to_office_id, referred_at)
    SELECT gen_random_uuid(), id, office_id, $2, $3 FROM tramites WHERE id = $1)
UPDATE tramites SET office_id = $2, status = 'REFERRED', revision = revision + 1 WHERE id = $1
"""


@pytest.mark.parametrize("expected", [{}, {"expectedRevision": 1}])
async def test_who_loses_it_while_waiting_for_it_is_told_what_happened(
    desk: Desk, database: Database, expected: dict[str, int]
) -> None:
    other = await desk.person(Role.CLERK, HERE)
    there = await Office.get(code=THERE)
    first = await asyncpg.connect(database.owner_url)
    async with first.transaction():
        await first.execute(REFERRED_MEANWHILE, UUID(desk.tramite["id"]), there.id, desk.counter.clock())
        waiting = asyncio.create_task(other.mutate("resolveTramite", id=desk.tramite["id"], text="Va.", **expected))
        await database.until_somebody_waits(unless=waiting)
    await first.close()

    answer = await waiting

    assert answer["code"] == ("TRAMITE_CHANGED" if expected else "NOT_YOURS")
