"""What auditors read: the register, recomputed in the browser, the reads, the heads of the log, and the figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT, AUDITOR, SUPERVISOR
from tests.browser.papers import a_pdf

if TYPE_CHECKING:
    from playwright.async_api import Route

    from tests.browser.conftest import Opens
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def tamper(route: Route) -> None:
    """Change what the second link of the register says, as somebody who reached the database would."""
    answer = await route.fetch()
    said = await answer.json()
    links = (said["data"] or {}).get("register", {}).get("edges", [])
    for each in links:
        if each["node"]["sequence"] == "2":
            record = json.loads(each["node"]["record"])
            each["node"]["record"] = json.dumps(record | {"act": "VOIDED"})
    await route.fulfill(response=answer, json=said)


async def test_the_register_is_searched_and_recomputed(opens: Opens, counter: Stack) -> None:
    async with counter.signed_in(APPLICANT) as rosa:
        number = (await rosa.file(key=str(uuid4()), data=a_pdf()))["number"]
    async with opens(AUDITOR) as eyes:
        page = eyes.page
        await eyes.open("/auditoria")
        await expect(page.get_by_text("Comprobado aquí")).to_be_visible()
        await page.get_by_role("button", name="Comprobar todo el registro").click()
        await expect(page.get_by_text("Todo el registro es correcto")).to_be_visible()
        await page.get_by_label("Trámite").fill(number)
        await page.get_by_role("button", name="Buscar").click()
        await expect(page.get_by_role("cell", name="Se presentó un documento")).to_have_count(1)
        await expect(page.get_by_role("row")).to_have_count(2)
        await page.get_by_role("row").nth(1).locator("summary").click()
        await expect(page.get_by_text("Huella anterior")).to_be_visible()
        await eyes.look("acts")

        await page.route("**/graphql", tamper)
        await eyes.open("/auditoria")
        await expect(page.get_by_text("La huella de 1 fila no coincide. Avise de inmediato.")).to_be_visible()
        await page.get_by_role("button", name="Comprobar todo el registro").click()
        await expect(page.get_by_text("No coincide el número 2. Avise de inmediato.")).to_be_visible()
        await eyes.look("register-tampered")


async def test_reads_and_heads_are_shown(opens: Opens) -> None:
    async with opens(AUDITOR) as eyes:
        page = eyes.page
        await eyes.open("/auditoria/lecturas")
        # What they just read of the register is there itself.
        await page.get_by_label("Qué se mostró").select_option("El registro de actos")
        await page.get_by_role("button", name="Buscar").click()
        await expect(page.get_by_role("cell", name="El registro de actos").first).to_be_visible()
        await page.get_by_role("button", name="Comprobar todo el registro").click()
        await expect(page.get_by_text("Todo el registro es correcto")).to_be_visible()
        await eyes.look("reads")
        await eyes.open("/auditoria/sellos")
        # The first is made some minutes after the counter began, or a moment ago.
        none, some = page.get_by_text("Todavía no hay ninguno."), page.get_by_text("sin sello de tiempo").first
        await expect(none.or_(some)).to_be_visible()
        await eyes.look("heads")


async def test_figures_are_drawn_and_taken_away(opens: Opens, counter: Stack) -> None:
    async with counter.signed_in(APPLICANT) as rosa:
        await rosa.file(key=str(uuid4()), data=a_pdf())
    async with opens(SUPERVISOR) as eyes:
        page = eyes.page
        await eyes.open("/reportes")
        load = page.get_by_role("figure").first
        await expect(load).to_contain_text("Sede Central")
        await expect(page.get_by_role("table")).to_contain_text("Oficina Regional Lima")
        await eyes.look("report")
        async with page.expect_download() as taken:
            await page.get_by_role("button", name="Descargar para una hoja de cálculo").click()
        assert (await taken.value).suggested_filename.endswith(".csv")
        await page.get_by_label("Agrupar por").select_option("Día")
        await expect(page.get_by_role("columnheader", name="Día")).to_be_visible()
        await eyes.look("report-by-day")
        await page.get_by_label("Desde").fill("2020-01-01")
        await expect(page.get_by_role("alert")).to_be_visible()
        await eyes.look("report-refused")
        await page.emulate_media(media="print")
        await page.pdf(path="build/pages/report.pdf")
