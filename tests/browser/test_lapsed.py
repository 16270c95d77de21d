"""A trámite that lapsed because nobody corrected it in time, as its citizen and the desk see it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import expect

from mesadepartes.clock import now
from mesadepartes.development import APPLICANT, CLERK
from mesadepartes.seeds import plant_trial
from mesadepartes.settings import Settings
from mesadepartes.variables import Part
from rules.second_factors import code_of, step_at
from tests.browser.conftest import opens_at
from tests.browser.papers import a_pdf
from tests.journeys.stack import PATIENCE_SECONDS, Desk
from tests.journeys.visitors import Visitor
from tests.journeys.whole_counter import whole_counter
from tests.servers.sink import Sink

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playwright.async_api import Browser

    from mesadepartes.development import TrialPerson
    from tests.journeys.whole_counter import WholeCounter
    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database

pytestmark = pytest.mark.asyncio(loop_scope="session")

AGO = timedelta(days=20)
"""More than any term to correct, with all its weekends and holidays."""


async def test_what_lapsed_is_told_with_what_can_be_done_now(
    browser: Browser, database: Database, mail_account: Account, tmp_path: Path
) -> None:
    async with (
        a_sink() as sink,
        whole_counter(database, mail_account, sink, tmp_path, at=now() - AGO) as counter,
    ):
        number = await lapsed(counter)
        opens = opens_at(browser, counter.url)
        async with opens(APPLICANT) as eyes:
            page = eyes.page
            await eyes.open("/tramites")
            await expect(page.get_by_role("listitem").filter(has_text=number)).to_contain_text("No presentado")
            await eyes.look("mine-lapsed")
            await page.get_by_role("main").get_by_role("link", name="Solicitud").click()
            next_step = page.get_by_role("region", name="Qué sigue")
            await expect(next_step).to_contain_text("por eso se tiene por no presentado")
            await expect(page.get_by_text("Tenido por no presentado")).to_be_visible()
            await expect(page.get_by_role("link", name="Corregir lo observado")).to_have_count(0)
            await expect(page.get_by_text("Falta la firma.").first).to_be_visible()
            await eyes.look("tramite-lapsed")
            await eyes.open(f"/tramites/{number}/corregir")
            await expect(page.get_by_role("heading", name="No hay nada que corregir")).to_be_visible()
        async with opens(CLERK) as eyes:
            page = eyes.page
            await eyes.open("/bandeja")
            await expect(page.get_by_role("region", name="Bandeja").get_by_text(number)).to_have_count(0)
            await page.get_by_label("Todos").check()
            row = page.get_by_role("region", name="Bandeja").get_by_role("link").filter(has_text=number)
            await expect(row).to_contain_text("No presentado")
            await row.click()
            opened = page.get_by_role("region", name=f"Trámite {number}")
            await expect(opened.get_by_role("button", name="Observar")).to_have_count(0)
            await expect(opened.get_by_text("Tenido por no presentado")).to_be_visible()
            await eyes.look("inbox-lapsed")


@asynccontextmanager
async def a_sink() -> AsyncGenerator[Sink]:
    """Take what is mailed, in the loop of this test."""
    sink = Sink()
    await sink.start()
    yield sink
    await sink.stop()


async def lapsed(counter: WholeCounter) -> str:
    """Have a document filed and observed long ago, and let it be today; return its number."""
    settings = Settings.from_environ(counter.environ, needed=frozenset({Part.WEB, Part.INTAKE}))
    await plant_trial(counter.tools, settings)
    async with at_counter(counter, APPLICANT) as rosa, at_counter(counter, CLERK) as julio:
        tramite = await Desk(rosa.http).file(key=str(uuid4()), data=a_pdf())
        await julio.do("observeTramite", "tramite { number }", id=tramite["id"], points=["Falta la firma."])
    await counter.move_clock(now())
    await counter.do_rounds()
    number: str = tramite["number"]
    return number


@asynccontextmanager
async def at_counter(counter: WholeCounter, person: TrialPerson) -> AsyncGenerator[Visitor]:
    """Sign somebody in, by the clock of the counter."""
    async with httpx.AsyncClient(base_url=counter.url, timeout=PATIENCE_SECONDS) as http:
        visitor, identity = Visitor(http), {"identityKind": "DNI", "identityNumber": person.dni}
        given: dict[str, Any] = {**identity, "password": person.password}
        said = await visitor.do("signIn", "token", proves=True, **given)
        if person.seed is not None:
            http.headers["authorization"] = f"Bearer {said['token']}"
            said = await visitor.do("passSecondFactor", "token", code=code_of(person.seed, step_at(counter.clock())))
        http.headers["authorization"] = f"Bearer {said['token']}"
        yield visitor
