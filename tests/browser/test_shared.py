"""A telephone or a desk that several people use: what one leaves there, and what another finds."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT, CLERK
from tests.browser.looking import is_api
from tests.browser.papers import a_pdf
from tests.browser.test_tramites import ASK, live

if TYPE_CHECKING:
    from playwright.async_api import Page, Request, Route

    from tests.browser.conftest import Opens
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

LATER = "(milliseconds) => { const now = Date.now; Date.now = () => now() + milliseconds; }"
"""The clock of a machine at which nobody sat for so long."""
AWAY_MS = 400_000
SETTLED_MS = 1000
MOST_AT_ONCE = 100
"""What the API gives of a list."""
SAVE = """mutation($input: SaveDraftInput!) { saveDraft(input: $input) {
    __typename ... on SaveDraftSuccess { draft { id } } ... on Refusal { code message } } }"""
GO = """(to) => {
    const link = Object.assign(document.createElement('a'), { href: to });
    document.body.append(link);
    link.click(); }"""
OTHERS = "sessionStorage.setItem('kept.somebody.else', '{}')"
NO_DIALOGS = "delete HTMLDialogElement.prototype.showModal; delete HTMLDialogElement.prototype.close"
SHOWN_AGAIN = """(persisted) => {
    for (const each of ['pagehide', 'pageshow']) dispatchEvent(new PageTransitionEvent(each, { persisted })); }"""


async def filed(counter: Stack) -> str:
    """File a document and return its number."""
    async with counter.signed_in(APPLICANT) as rosa:
        return (await rosa.file(key=str(uuid4()), data=a_pdf()))["number"]


async def test_nothing_is_asked_by_itself_while_nobody_is_at_the_desk(opens: Opens, counter: Stack) -> None:
    async with opens(CLERK) as eyes:
        page, heard = eyes.page, asyncio.Event()
        asked: list[Request] = []

        def hear(frame: str | bytes) -> None:
            if "FILED" in str(frame):
                heard.set()

        page.on("websocket", lambda line: line.on("framereceived", hear))
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
        await eyes.open("/cuenta")
        given = {"input": {"clientKey": str(uuid4()), "form": {"subject": "Sin destino"}}}
        draft = (await page.evaluate(ASK, [SAVE, given]))["saveDraft"]["draft"]["id"]
        await eyes.open(f"/presentar/{draft}/revisar")

        await expect(page.get_by_role("alert").get_by_role("heading", name="problemas")).to_be_visible()
        await page.get_by_role("button", name="Enviar", exact=True).click()
        await expect(page.get_by_role("alert").get_by_role("heading", name="problemas")).to_be_visible()
        assert eyes.said == []


async def test_a_browser_without_dialogs_asks_over_the_page_and_gives_the_focus_back(opens: Opens) -> None:
    async with opens(APPLICANT) as eyes:
        page = eyes.page
        await page.add_init_script(NO_DIALOGS)
        await eyes.open("/cuenta")
        given = {"input": {"clientKey": str(uuid4()), "form": {"subject": "Para descartar"}}}
        draft = (await page.evaluate(ASK, [SAVE, given]))["saveDraft"]["draft"]["id"]
        await eyes.open(f"/presentar/{draft}/datos")
        discard = page.get_by_role("button", name="Descartar este borrador")
        await expect(page.get_by_role("dialog")).to_have_count(0)

        await discard.click()
        asked = page.get_by_role("dialog", name="¿Descartar el borrador?")
        await expect(asked).to_be_in_viewport(ratio=1)
        await expect(asked).to_be_focused()
        await eyes.look("sin diálogos del navegador")
        await page.keyboard.press("Escape")
        await expect(asked).to_have_count(0)
        await expect(discard).to_be_focused()

        await page.keyboard.press("Enter")
        await asked.get_by_role("button", name="Sí, descartar").click()
        await expect(page.get_by_text("El borrador se descartó.")).to_be_visible()


@pytest.mark.parametrize("is_loaded_anew", [False, True])
async def test_another_person_finds_nothing_of_the_first(opens: Opens, *, is_loaded_anew: bool) -> None:
    async with opens(CLERK) as eyes:
        page = eyes.page
        await eyes.open("/presentar")
        await page.evaluate(OTHERS)
        # The session ends; somebody else goes on in the same window.
        await page.context.clear_cookies()
        if is_loaded_anew:
            await eyes.open("/ingresar?volver=/cuenta")
        else:
            await page.evaluate(GO, "/ingresar?volver=/cuenta")
            await page.evaluate("window.isTheSamePage = true")
        await sign_in(page, APPLICANT)

        address, title = ("cuenta", "Mi cuenta") if is_loaded_anew else ("tramites", "Mis trámites")
        await page.wait_for_url(f"{eyes.base}/{address}")
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
        kept = await page.evaluate("[Object.keys(sessionStorage), window.isTheSamePage ?? false]")
        assert kept == [["owner"], False]


async def test_what_a_clerk_has_written_is_there_again(opens: Opens, counter: Stack) -> None:
    number = await filed(counter)
    async with opens(CLERK) as eyes:
        page = eyes.page
        await eyes.open(f"/bandeja/{number}")
        await page.get_by_role("button", name="Observar").click()
        await page.get_by_label("Punto 1").fill("Falta la firma.")
        await page.keyboard.press("Escape")
        await page.reload()
        await page.get_by_role("button", name="Observar").click()
        await expect(page.get_by_label("Punto 1")).to_have_value("Falta la firma.")


async def test_a_long_list_is_asked_for_in_parts(opens: Opens, counter: Stack) -> None:
    await filed(counter)
    async with opens(CLERK) as eyes:
        page, asked, seen = eyes.page, list[int](), list[dict[str, Any]]()

        async def lengthened(route: Route) -> None:
            variables = json.loads(route.request.post_data or "{}").get("variables", {})
            answer = None if variables.get("after") else await route.fetch()
            text = await answer.text() if answer else '"inbox"'
            if "first" not in variables or '"inbox"' not in text:
                await route.fulfill(response=answer)
                return
            seen[:] = seen or [json.loads(text)["data"]["inbox"]]
            asked.append(variables["first"])
            node = seen[0]["edges"][0]["node"]
            edges = [{"node": node | {"number": f"X-{len(asked)}-{at}"}} for at in range(variables["first"])]
            part = seen[0] | {"edges": edges, "pageInfo": {"hasNextPage": True, "endCursor": "more"}}
            await route.fulfill(json={"data": {"inbox": part}})

        await page.route("**/graphql", lengthened)
        await eyes.open("/bandeja")
        for _ in range(2):
            await page.get_by_role("button", name="Mostrar más").click()
        await expect(page.locator("#row-X-4-0")).to_be_attached()
        assert max(asked) <= MOST_AT_ONCE
