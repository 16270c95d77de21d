"""The clerk's day: what waits, opened beside the list, dealt with by keyboard only, live."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT, CLERK, SUPERVISOR
from tests.browser.papers import a_pdf

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.browser.conftest import Opens
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def filed(counter: Stack, count: int = 1) -> list[str]:
    """File documents and return their numbers."""
    async with counter.signed_in(APPLICANT) as rosa:
        return [(await rosa.file(key=str(uuid4()), data=a_pdf()))["number"] for _ in range(count)]


def opened(page: Page, number: str) -> Locator:
    """Return the trámite that is opened beside the list."""
    return page.get_by_role("region", name=f"Trámite {number}")


def row(page: Page, number: str) -> Locator:
    """Return a trámite's row in the list."""
    return page.locator(f"#row-{number}")


async def numbers_until(page: Page, last: str) -> list[str]:
    """Return the numbers in the list, as far as a trámite's."""
    ids: list[str] = await page.locator("[id^=row-]").evaluate_all("rows => rows.map((each) => each.id)")
    numbers = [each.removeprefix("row-") for each in ids]
    return numbers[: numbers.index(last) + 1]


async def test_a_clerk_deals_with_the_day_without_the_mouse(opens: Opens, counter: Stack) -> None:
    numbers = await filed(counter, 4)
    async with opens(CLERK) as eyes:
        page, press, write = eyes.page, eyes.page.keyboard.press, eyes.page.keyboard.type
        await eyes.open("/bandeja")
        for number in numbers:
            await expect(row(page, number)).to_be_attached()
        await eyes.look("inbox")

        await press("?")
        await eyes.look("inbox-keys")
        await press("Escape")
        for number in await numbers_until(page, numbers[0]):  # others may wait before the first of ours
            await press("j")
            await expect(page).to_have_url(f"{eyes.base}/bandeja/{number}")
        await expect(opened(page, numbers[0]).get_by_role("img")).to_be_visible()
        await eyes.look("inbox-opened")

        await press("r")
        await expect(page.get_by_text(f"Se recepcionó el trámite {numbers[0]}")).to_be_attached()
        await expect(opened(page, numbers[0]).get_by_text("Recibido por mesa de partes")).to_be_visible()

        await press("o")
        await expect(page.get_by_label("Punto 1")).to_be_focused()
        await write("La página 2 no se lee.")
        await eyes.look("inbox-observe")
        await page.get_by_role("button", name="Observar y avisar").press("Enter")
        await expect(page.get_by_text(f"Se observó el trámite {numbers[0]}")).to_be_attached()
        # It waits for the citizen now: the next one has come up by itself.
        await expect(row(page, numbers[0])).to_have_count(0)
        await expect(page).not_to_have_url(f"{eyes.base}/bandeja/{numbers[0]}")

        await page.goto(f"{eyes.base}/bandeja/{numbers[1]}")
        await expect(opened(page, numbers[1]).get_by_role("button", name="Derivar")).to_be_visible()
        await press("d")
        await expect(page.get_by_label("Dependencia que lo atenderá")).to_be_focused()
        await page.get_by_role("button", name="Derivar", exact=True).last.press("Enter")
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()  # no office was chosen
        await eyes.look("inbox-refer-refused")
        await page.get_by_label("Dependencia que lo atenderá").select_option(index=1)
        await page.get_by_role("button", name="Derivar", exact=True).last.press("Enter")
        await expect(page.get_by_text(f"Se derivó el trámite {numbers[1]}")).to_be_attached()

        await page.goto(f"{eyes.base}/bandeja/{numbers[2]}")
        await expect(opened(page, numbers[2]).get_by_role("button", name="Atender")).to_be_visible()
        await press("a")
        await expect(page.get_by_label("Respuesta", exact=True)).to_be_focused()
        await write("Se expidió la copia que pidió.")
        await page.get_by_label("Archivos de la respuesta").set_input_files(
            {"name": "copia.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
        )
        await expect(page.get_by_text("Listo", exact=True)).to_be_visible()
        await eyes.look("inbox-resolve")
        await page.get_by_role("button", name="Atender y avisar").press("Enter")
        await expect(page.get_by_text(f"Se atendió el trámite {numbers[2]}")).to_be_attached()


async def test_what_arrives_and_who_else_looks_is_seen_without_asking(opens: Opens, counter: Stack) -> None:
    [first] = await filed(counter)
    async with opens(CLERK) as eyes, opens(SUPERVISOR) as boss:
        await eyes.open("/bandeja")
        await expect(eyes.page.get_by_text("en vivo")).to_be_visible()
        [second] = await filed(counter)
        await expect(row(eyes.page, second)).to_be_visible()

        await eyes.page.goto(f"{eyes.base}/bandeja/{first}")
        await expect(opened(eyes.page, first)).to_be_visible()
        await boss.open("/bandeja")
        await boss.page.goto(f"{boss.base}/bandeja/{first}")
        await expect(boss.page.get_by_text("También lo está viendo: Julio Huamán Ríos")).to_be_visible()

        await boss.page.goto(f"{boss.base}/bandeja/MPD-2026-999999-X")  # a letter that was copied wrongly
        await expect(boss.page.get_by_text("revise cada letra y cada dígito")).to_be_visible()


async def test_what_somebody_else_changed_meanwhile_is_told_and_nothing_written_is_lost(
    opens: Opens, counter: Stack
) -> None:
    [number] = await filed(counter)
    async with opens(CLERK) as eyes, opens(SUPERVISOR) as boss:
        page = eyes.page
        await eyes.open("/bandeja")
        await page.goto(f"{eyes.base}/bandeja/{number}")
        await opened(page, number).get_by_role("button", name="Observar").click()
        await page.get_by_label("Punto 1").fill("Falta la firma.")
        await boss.open("/bandeja")
        await boss.page.goto(f"{boss.base}/bandeja/{number}")
        await opened(boss.page, number).get_by_role("button", name="Recepcionar").click()
        await expect(boss.page.get_by_text(f"Se recepcionó el trámite {number}")).to_be_attached()

        await page.get_by_role("button", name="Observar y avisar").click()
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
        assert await page.get_by_label("Punto 1").input_value() == "Falta la firma."
        await eyes.look("inbox-changed-meanwhile")
        await page.get_by_role("button", name="Observar y avisar").click()
        await expect(page.get_by_text(f"Se observó el trámite {number}")).to_be_attached()


async def test_an_applicant_has_no_desk(opens: Opens) -> None:
    async with opens(APPLICANT) as eyes:
        await eyes.open("/bandeja")
        await expect(eyes.page.get_by_role("heading", name="No encontramos esta página")).to_be_visible()
