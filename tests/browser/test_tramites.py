"""My trámites: what became of them, live, and what a citizen may still change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from playwright.async_api import expect

from mesadepartes.development import ADMINISTRATOR, APPLICANT, CLERK
from tests.browser.papers import a_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

    from tests.browser.conftest import Opens
    from tests.browser.looking import Eyes
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

OBSERVE = """mutation($input: ObserveTramiteInput!) { observeTramite(input: $input) {
    __typename ... on Refusal { code message } } }"""
REFER = """mutation($input: ReferTramiteInput!) { referTramite(input: $input) {
    __typename ... on Refusal { code message } } }"""
SAVE = """mutation($input: SaveDraftInput!) { saveDraft(input: $input) {
    __typename ... on Refusal { code message } } }"""
ASK = """async ([query, variables]) => (await (await fetch('/graphql', {
    method: 'POST', headers: { 'X-Mesa-Client': 'tests', 'Content-Type': 'application/json' },
    body: JSON.stringify({ query, variables }) })).json()).data"""


async def does(somebody: Eyes, document: str, **given: Any) -> None:
    """Have somebody do something through the API, with the session of their window."""
    [payload] = (await somebody.page.evaluate(ASK, [document, {"input": given}])).values()
    assert payload["__typename"].endswith("Success"), payload


async def filed(counter: Stack, data: bytes | None = None) -> dict[str, Any]:
    """File a document as the applicant does."""
    async with counter.signed_in(APPLICANT) as rosa:
        return await rosa.file(key=str(uuid4()), data=a_pdf() if data is None else data)


def live(page: Page, words: str = "en vivo") -> Any:
    """Return where the page says whether it is followed."""
    return page.get_by_role("status").filter(has_text=re.compile(f"^{words}$"))


async def test_what_a_clerk_does_is_shown_at_once_and_caught_up_with_after_a_cut(opens: Opens, counter: Stack) -> None:
    tramite = await filed(counter)
    async with opens(APPLICANT) as eyes, opens(CLERK) as clerk:
        page = eyes.page
        await clerk.open("/")
        await eyes.open(f"/tramites/{tramite['number']}")
        await expect(live(page)).to_be_visible()
        await eyes.look("tramite-pending")
        points = ["Falta la firma en la última hoja.", "El anexo no se puede leer."]
        await does(clerk, OBSERVE, id=tramite["id"], text="Su solicitud tiene dos faltas.", points=points)

        await expect(page.get_by_text("Acaba de cambiar: Observado.")).to_be_visible()
        await expect(page.get_by_text("Falta la firma en la última hoja.").first).to_be_visible()
        await expect(page.get_by_role("link", name="Corregir lo observado")).to_be_visible()
        await expect(page.get_by_role("button", name="Anular el trámite")).to_have_count(0)
        await eyes.look("tramite-observed")

    tramite = await filed(counter)
    async with opens(APPLICANT) as eyes, opens(CLERK) as clerk:
        page = eyes.page
        await clerk.open("/")
        await eyes.open(f"/tramites/{tramite['number']}")
        await expect(live(page)).to_be_visible()
        await page.context.set_offline(True)
        await expect(live(page, "sin conexión, se reintenta")).to_be_visible()
        await eyes.look("tramite-cut")
        await does(clerk, REFER, id=tramite["id"], officeCode="CUSCO")
        await page.context.set_offline(False)

        await expect(page.get_by_text("Acaba de cambiar: Derivado.")).to_be_visible()
        await expect(live(page)).to_be_visible()
        await expect(page.get_by_text("Su documento está en Oficina Regional Sur Oriente Cusco")).to_be_visible()
        await expect(page.get_by_role("button", name="Ver Cargo de recepción")).to_be_visible()


async def test_no_socket_stays_open_on_a_page_that_follows_nothing(opens: Opens, counter: Stack) -> None:
    tramite = await filed(counter)
    async with opens(APPLICANT) as eyes:
        page = eyes.page
        await eyes.open("/tramites")
        async with page.expect_websocket() as begun:
            await page.get_by_role("link", name="Solicitud").first.click()
        socket = await begun.value
        await expect(live(page)).to_be_visible()
        async with socket.expect_event("close"):
            await page.get_by_role("main").get_by_role("link", name="Mis trámites").click()
        await expect(page.get_by_role("link", name="Solicitud").first).to_be_visible()
        assert tramite["number"] in await page.get_by_role("main").inner_text()


async def test_my_tramites_are_found_by_number_subject_and_status(opens: Opens, counter: Stack) -> None:
    tramite = await filed(counter)
    async with opens(APPLICANT) as eyes:
        page = eyes.page
        await eyes.open("/tramites")
        await expect(page.get_by_role("main")).to_contain_text(tramite["number"])
        await does(eyes, SAVE, clientKey=str(uuid4()), form={"subject": "Pido una copia"})
        await page.reload()
        await expect(page.get_by_role("link", name="Continuar el borrador «Pido una copia»")).to_be_visible()
        await eyes.look("mine")
        await page.get_by_role("button", name="Descartar el borrador «Pido una copia»").click()
        await eyes.look("mine-discard")
        await page.get_by_role("button", name="Sí, descartar").click()
        await expect(page.get_by_role("link", name="Continuar el borrador «Pido una copia»")).to_have_count(0)
        search = page.get_by_role("searchbox", name="Buscar")
        await search.fill(tramite["number"].lower())
        await search.press("Enter")
        await expect(page.get_by_text("1 trámite", exact=True)).to_be_visible()
        await page.go_back()
        await expect(search).to_have_value("")
        await search.fill("palabra que nadie escribió")
        await page.get_by_role("button", name="Buscar").click()
        await expect(page.get_by_text("Ningún trámite coincide")).to_be_visible()
        await eyes.look("mine-none-found")
        await page.get_by_role("link", name="Ver todos").click()
        await page.get_by_label("Estado").select_option("Anulado")
        await expect(page).to_have_url(re.compile("estado=VOIDED"))


async def test_somebody_elses_tramite_is_not_shown(opens: Opens, counter: Stack) -> None:
    tramite = await filed(counter)
    async with opens(ADMINISTRATOR) as eyes:
        for address in (tramite["number"], "MPD-2026-999999-9"):
            await eyes.open(f"/tramites/{address}")
            await expect(eyes.page.get_by_role("heading", name="No encontramos ese trámite")).to_be_visible()
        assert tramite["number"] not in await eyes.page.get_by_role("main").inner_text()
        await eyes.look("tramite-not-here")


async def test_the_confirmation_survives_a_bookmark_and_leads_to_the_receipt_and_the_files(
    opens: Opens, counter: Stack
) -> None:
    data = a_pdf(pages=2)
    tramite = await filed(counter, data)
    async with opens(APPLICANT) as eyes:
        page = eyes.page
        await eyes.open(f"/tramites/{tramite['number']}?presentado")
        await page.reload()
        await expect(page.get_by_role("heading", level=1, name="Documento presentado")).to_be_visible()
        await expect(page.get_by_text(tramite["number"]).first).to_be_visible()
        await expect(page.get_by_text("Clave de consulta: ", exact=False).first).to_be_visible()
        await eyes.look("tramite-filed")

        async with page.expect_popup() as opened:
            await page.get_by_role("button", name="Ver constancia", exact=True).click()
        receipt = await opened.value
        await receipt.wait_for_url(re.compile("^blob:"))
        await receipt.close()
        async with page.expect_download() as saved:
            await page.get_by_role("button", name="Descargar solicitud.pdf").click()
        download = await saved.value
        assert download.suggested_filename == "solicitud.pdf"
        assert (await download.path()).read_bytes() == data
    async with opens(APPLICANT, is_mobile=True, has_touch=True, viewport={"width": 360, "height": 740}) as eyes:
        await eyes.open(f"/tramites/{tramite['number']}?presentado")
        async with eyes.page.expect_download() as saved:
            await eyes.page.get_by_role("button", name="Ver constancia", exact=True).tap()
        assert (await saved.value).suggested_filename == f"constancia-{tramite['number']}.pdf"


async def test_data_are_changed_after_a_confirmation_and_nothing_typed_is_lost(opens: Opens, counter: Stack) -> None:
    tramite = await filed(counter)
    async with opens(APPLICANT) as eyes:
        page = eyes.page
        await eyes.open(f"/tramites/{tramite['number']}")
        await page.get_by_role("link", name="Actualizar los datos").click()
        await expect(page.get_by_role("heading", name="Actualice los datos")).to_be_focused()
        await eyes.look("update")
        await page.get_by_role("button", name="Actualizar").click()
        await expect(page.get_by_role("alert")).to_contain_text("No cambió ningún dato.")
        await page.get_by_label("Asunto").fill("Pido copia del expediente")
        await page.get_by_label("Número de folios").fill("cero")
        await page.reload()
        await expect(page.get_by_label("Asunto")).to_have_value("Pido copia del expediente")
        await page.get_by_role("button", name="Actualizar").click()
        await eyes.look("update-confirm")
        await page.get_by_role("button", name="Sí, actualizar").click()
        await expect(page.get_by_role("alert")).to_be_focused()
        await eyes.look("update-refused")
        await page.get_by_label("Número de folios").fill("3")
        await page.get_by_role("button", name="Actualizar").click()
        await page.get_by_role("button", name="Sí, actualizar").click()

        await expect(page.get_by_role("heading", name="Pido copia del expediente")).to_be_visible()
        await expect(page.get_by_text("Los datos se actualizaron.")).to_be_visible()


async def test_a_tramite_is_voided_with_a_reason_after_a_confirmation(opens: Opens, counter: Stack) -> None:
    other, tramite = await filed(counter), await filed(counter)
    async with opens(APPLICANT) as eyes:
        page = eyes.page
        await eyes.open(f"/tramites/{tramite['number']}")
        await page.get_by_role("button", name="Anular el trámite").click()
        await page.get_by_role("button", name="No, conservarlo").click()
        await expect(page.get_by_role("button", name="Anular el trámite")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.get_by_label("Motivo").fill("Envié el archivo equivocado.")
        await eyes.look("void")
        await page.get_by_role("button", name="Sí, anular").click()

        await expect(page.get_by_text("El trámite se anuló.")).to_be_visible()
        await expect(page.get_by_role("button", name="Ver Constancia de anulación")).to_be_visible()
        await expect(page.get_by_role("button", name="Anular el trámite")).to_have_count(0)
        await eyes.look("tramite-voided")
        await page.get_by_role("main").get_by_role("link", name="Mis trámites").click()
        await expect(page.get_by_role("main")).to_contain_text(other["number"])
        assert tramite["number"] not in await page.get_by_role("main").inner_text()


async def test_an_observation_is_corrected_with_words_and_a_file(opens: Opens, counter: Stack, tmp_path: Path) -> None:
    tramite = await filed(counter)
    (tmp_path / "notas.txt").write_text("Esto no es un PDF.")
    (tmp_path / "firmada.pdf").write_bytes(a_pdf(pages=3))
    async with opens(APPLICANT) as eyes, opens(CLERK) as clerk:
        page = eyes.page
        await clerk.open("/")
        await does(clerk, OBSERVE, id=tramite["id"], points=["Falta la firma."])
        await eyes.open(f"/tramites/{tramite['number']}")
        await page.get_by_role("link", name="Corregir lo observado").click()
        await expect(page.get_by_role("heading", name="Corrija lo observado")).to_be_focused()
        await eyes.look("correct")
        await page.get_by_role("button", name="Enviar la corrección").click()
        await page.get_by_role("button", name="Sí, enviar").click()
        await expect(page.get_by_role("alert")).to_contain_text("Escriba qué subsana o adjunte al menos un archivo.")
        await page.get_by_label("Qué corrige").fill("Va firmada.")
        await page.get_by_label("Documento principal: Elegir archivo").set_input_files(tmp_path / "notas.txt")
        await page.get_by_role("button", name="Enviar la corrección").click()
        await expect(page.get_by_role("alert")).to_contain_text("No se recibió «notas.txt».")
        await eyes.look("correct-refused")
        await page.get_by_label("Documento principal: Elegir otro archivo").set_input_files(tmp_path / "firmada.pdf")
        await expect(page.get_by_text("Recibido", exact=True)).to_be_visible()
        await page.reload()
        await expect(page.get_by_label("Qué corrige")).to_have_value("Va firmada.")
        await expect(page.get_by_text("Recibido", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Enviar la corrección").click()
        await expect(page.get_by_text("Va con 1 archivo nuevo.")).to_be_visible()
        await eyes.look("correct-confirm")
        await page.get_by_role("button", name="Sí, enviar").click()

        await expect(page.get_by_text("Recibimos su corrección.")).to_be_visible()
        await expect(page.get_by_role("button", name="Ver Constancia de subsanación")).to_be_visible()
        await expect(page.get_by_text("Documento principal (corregido)")).to_be_visible()
        await eyes.look("tramite-corrected")
        await eyes.open(f"/tramites/{tramite['number']}/corregir")
        await expect(page.get_by_role("heading", name="No hay nada que corregir")).to_be_visible()
