"""What the institution answered: read by the citizen, its files saved as they were sent, each step with its receipt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT, CLERK
from tests.browser.papers import a_pdf
from tests.browser.test_tramites import filed, live

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page, Route

    from tests.browser.conftest import Opens
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

RECEIPTS = ("Constancia de envío", "Cargo de recepción")


async def test_an_answer_comes_with_its_files_and_every_receipt_opens(
    opens: Opens, counter: Stack, tmp_path: Path
) -> None:
    files = {"resolución directoral.pdf": a_pdf(3), "anexo técnico.pdf": a_pdf(5)}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "cortado.pdf").write_bytes(b"%PDF-1.4\n")
    number = (await filed(counter))["number"]
    async with opens(APPLICANT) as eyes, opens(CLERK) as clerk:
        page, desk = eyes.page, clerk.page
        await eyes.open(f"/tramites/{number}")
        await expect(live(page)).to_be_visible()
        await clerk.open("/bandeja")
        await desk.goto(f"{clerk.base}/bandeja/{number}")
        await desk.get_by_role("button", name="Atender").click()
        await desk.get_by_label("Respuesta", exact=True).fill("Se resuelve lo solicitado.")
        await desk.get_by_label("Archivos de la respuesta").set_input_files(tmp_path / "cortado.pdf")
        await expect(desk.get_by_text("El archivo está dañado o incompleto.")).to_be_visible()
        await clerk.look("desk-answer-damaged")
        await desk.get_by_role("button", name="Quitar cortado.pdf").click()
        await desk.get_by_label("Archivos de la respuesta").set_input_files([tmp_path / name for name in files])
        await expect(desk.get_by_text("Listo", exact=True)).to_have_count(len(files))
        await desk.get_by_role("button", name="Atender y avisar").click()
        await expect(desk.get_by_text(f"Se atendió el trámite {number}")).to_be_attached()

        await expect(page.get_by_text("Acaba de cambiar: Atendido.")).to_be_visible()
        answer = page.get_by_role("region", name="Respuesta de la entidad")
        await expect(answer).to_contain_text("Se resuelve lo solicitado.")
        await eyes.look("tramite-resolved")
        for name, data in files.items():
            async with page.expect_download() as saved:
                await answer.get_by_role("button", name=f"Descargar {name}").click()
            download = await saved.value
            assert (download.suggested_filename, (await download.path()).read_bytes()) == (name, data)
        papers = [await receipt_of(page, each) for each in RECEIPTS]
        assert len({paper for paper in papers if paper.startswith(b"%PDF-")}) == len(RECEIPTS)

        await page.get_by_role("button", name=re.compile("^Enviar a mi correo ?: Cargo de recepción")).click()
        await expect(page.get_by_role("status").filter(has_text="La enviamos a")).to_be_visible()


async def receipt_of(page: Page, name: str) -> bytes:
    """Open a receipt in its tab; return what came."""
    kept = list[bytes]()

    async def keep(route: Route) -> None:
        answer = await route.fetch()
        kept.append(await answer.body())
        await route.fulfill(response=answer)

    await page.route("**/receipts/**", keep)
    async with page.expect_popup() as opened:
        await page.get_by_role("button", name=f"Ver {name}").click()
    receipt = await opened.value
    await receipt.wait_for_url(re.compile("^blob:"))
    await receipt.close()
    await page.unroute("**/receipts/**")
    return kept[0]
