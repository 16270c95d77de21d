"""Without an account: the status of a trámite by its key, and whether a receipt or a file is genuine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT
from tests.browser.papers import a_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Opens
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOO_OFTEN = {
    "data": {"publicStatus": None},
    "errors": [
        {
            "message": "Hubo demasiados intentos. Vuelva a intentar en 40 segundos.",
            "path": ["publicStatus"],
            "extensions": {"code": "TOO_MANY_ATTEMPTS", "retryAfterSeconds": 40},
        }
    ],
}
"""As the API says it; to knock so often would hold up the other tests."""
KEYS = "query($number: String!) { tramite(number: $number) { lookupKey receipts { url verificationCode } } }"


async def filed(counter: Stack, data: bytes) -> tuple[str, str, str, bytes]:
    """File a document; return number, lookup key, verification code and the receipt's bytes."""
    async with counter.signed_in(APPLICANT) as rosa:
        number = (await rosa.file(key=str(uuid4()), data=data))["number"]
        answer = await rosa.http.post("/graphql", json={"query": KEYS, "variables": {"number": number}})
        tramite = answer.json()["data"]["tramite"]
        [receipt] = tramite["receipts"]
        paper = (await rosa.http.get(receipt["url"])).content
        return number, tramite["lookupKey"], receipt["verificationCode"], paper


async def test_a_status_is_told_to_whoever_has_number_and_key(opens: Opens, counter: Stack) -> None:
    number, key, _, _ = await filed(counter, a_pdf())
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/consulta")
        await eyes.look("status")
        await page.get_by_label("Número de trámite").fill(number.lower())
        await page.get_by_label("Clave de consulta").fill("AAAA-AAAA-AAAA-AAAA")
        await page.get_by_role("button", name="Consultar").click()
        await expect(page.get_by_role("alert")).to_be_focused()
        await expect(page.get_by_role("alert")).to_contain_text("No encontramos un trámite con ese número y esa clave.")
        await eyes.look("status-refused")
        await page.get_by_label("Clave de consulta").fill(key)
        await page.get_by_label("Clave de consulta").press("Enter")

        await expect(page.get_by_role("heading", name=f"Estado del trámite {number}")).to_be_focused()
        await expect(page.get_by_text("Pendiente de validación")).to_be_visible()
        await eyes.look("status-found")
        await page.route("**/graphql", lambda route: route.fulfill(json=TOO_OFTEN))
        await page.get_by_role("button", name="Consultar").click()
        await expect(page.get_by_role("alert")).to_contain_text("Hubo demasiados intentos.")


async def test_a_receipt_is_checked_by_code_or_by_its_file_which_stays_here(
    opens: Opens, counter: Stack, tmp_path: Path
) -> None:
    data = a_pdf(pages=2)
    number, _, code, paper = await filed(counter, data)
    for name, content in (("constancia.pdf", paper), ("pedido.pdf", data), ("otro.pdf", a_pdf(pages=4))):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "alterada.pdf").write_bytes(paper + b"\n% cambiada\n")
    sizes = list[int]()
    async with opens() as eyes:
        page = eyes.page
        page.on("request", lambda request: sizes.append(len(request.post_data_buffer or b"")))
        await eyes.open("/verificacion")
        await eyes.look("check")
        await page.get_by_label("Código de verificación").fill("0000-0000-0000-0000")
        await page.get_by_role("button", name="Verificar").click()
        await expect(page.get_by_role("alert")).to_contain_text("No emitimos una constancia con ese código.")
        await eyes.look("check-refused")
        await page.get_by_label("Elegir el PDF").set_input_files(tmp_path / "otro.pdf")
        await expect(page.get_by_role("alert")).to_contain_text(
            "No encontramos un código de verificación en «otro.pdf»."
        )
        await page.get_by_label("Elegir el PDF").set_input_files(tmp_path / "alterada.pdf")
        # Its code is good; that is not what one must hear first.
        await expect(page.get_by_role("heading", name="Este archivo no es la constancia")).to_be_focused()
        await expect(page.get_by_role("heading", name="Esta mesa de partes la emitió")).to_be_hidden()
        await eyes.look("check-altered")
        await eyes.open("/verificacion")
        await page.get_by_label("Elegir el PDF").set_input_files(tmp_path / "constancia.pdf")

        await expect(page.get_by_role("heading", name="Esta mesa de partes la emitió")).to_be_focused()
        await expect(page.get_by_text("Es esta constancia: el PDF sellado, sin ningún cambio.")).to_be_visible()
        await expect(page.get_by_role("main")).to_contain_text(number)
        await expect(page).to_have_url(re.compile(f"codigo={code}"))
        files = [tmp_path / name for name in ("pedido.pdf", "alterada.pdf", "otro.pdf")]
        await page.get_by_label("Elegir archivos").set_input_files(files)
        await expect(page.get_by_text("Coincide: pedido.pdf")).to_be_visible()
        await expect(page.get_by_text("No coincide: alterada.pdf")).to_be_visible()
        await expect(page.get_by_text("Lleva el código de esta constancia, pero no es el PDF sellado")).to_be_visible()
        await expect(page.get_by_text("No coincide: otro.pdf")).to_be_visible()
        await eyes.look("check-compared")
        await page.reload()
        await expect(page.get_by_role("heading", name="Esta mesa de partes la emitió")).to_be_visible()
        assert max(sizes) < min(path.stat().st_size for path in tmp_path.iterdir())
