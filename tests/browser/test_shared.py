"""A telephone or a desk that several people use: what one leaves there, and what another finds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT, CLERK
from tests.browser.looking import is_api
from tests.browser.papers import a_pdf
from tests.browser.test_tramites import live

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.browser.conftest import Opens
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

LATER = "(milliseconds) => { const now = Date.now; Date.now = () => now() + milliseconds; }"
"""The clock of a machine at which nobody sat for so long."""
AWAY_MS = 400_000
SETTLED_MS = 1000
OTHERS = "sessionStorage.setItem('kept.somebody.else', '{}')"
SHOWN_AGAIN = """(persisted) => dispatchEvent(new PageTransitionEvent('pagehide', { persisted }))
    || dispatchEvent(new PageTransitionEvent('pageshow', { persisted }))"""


async def filed(counter: Stack) -> str:
    """File a document and return its number."""
    async with counter.signed_in(APPLICANT) as rosa:
        return (await rosa.file(key=str(uuid4()), data=a_pdf()))["number"]


async def test_nothing_is_asked_by_itself_while_nobody_is_at_the_desk(opens: Opens, counter: Stack) -> None:
    async with opens(CLERK) as eyes:
        page, heard, asked = eyes.page, asyncio.Event(), list[Any]()
        page.on("websocket", lambda line: line.on("framereceived", lambda frame: "FILED" in str(frame) and heard.set()))
        await eyes.open("/bandeja")
        await expect(live(page)).to_be_visible()
        await page.evaluate(LATER, AWAY_MS)
        page.on("request", lambda request: asked.append(request) if is_api(request) else None)

        number = await filed(counter)
        await heard.wait()
        await page.wait_for_timeout(SETTLED_MS)
        assert asked == []  # The session would never end.

        await page.mouse.move(10, 10)
        await expect(page.locator(f"#row-{number}")).to_be_visible()


async def test_a_page_that_the_browser_kept_is_loaded_anew(opens: Opens, counter: Stack) -> None:
    number = await filed(counter)
    async with opens(APPLICANT) as eyes:
        page = eyes.page
        await eyes.open(f"/tramites/{number}")
        await page.context.clear_cookies()  # The session ended meanwhile.
        await page.evaluate(SHOWN_AGAIN, True)

        await expect(page.get_by_role("heading", name="Ingrese a la mesa de partes")).to_be_visible()


async def sign_in(page: Page, person: Any) -> None:
    """Sign in on the page that asks for it."""
    await page.get_by_label("Número de documento de identidad").fill(person.dni)
    await page.get_by_label("Contraseña", exact=True).fill(person.password)
    await page.get_by_label("No soy un programa automático").click()
    await expect(page.get_by_text("Comprobado", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Ingresar").click()


async def test_a_wrong_way_back_leads_nowhere_else(opens: Opens) -> None:
    async with opens() as eyes:
        await eyes.open("/ingresar?volver=/%09/example.org/")
        await sign_in(eyes.page, APPLICANT)
        await eyes.page.wait_for_url(f"{eyes.base}/tramites")


async def test_an_address_that_is_none_is_told_so(opens: Opens) -> None:
    async with opens(APPLICANT) as eyes:
        await eyes.open("/tramites/%E0%A4%A")
        await expect(eyes.page.get_by_role("heading", name="No encontramos esta página")).to_be_visible()
        assert eyes.said == []


async def test_what_is_lacking_is_told_on_the_review_page(opens: Opens) -> None:
    async with opens(APPLICANT) as eyes:
        page = eyes.page
        await eyes.open("/presentar")
        await page.get_by_role("button", name="Empezar").or_(page.get_by_role("heading", name="Datos")).first.wait_for()
