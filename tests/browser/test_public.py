"""What the counter says of itself, the language, unknown addresses, and the pages that links in mails open."""

from __future__ import annotations

import io
import re
import tarfile
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT
from tests.browser.papers import a_pdf

if TYPE_CHECKING:
    from tests.browser.conftest import Opens
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

STATUS = "query($number: String!) { tramite(number: $number) { lookupKey receipts { verificationCode } } }"


def mail_without_its_document(sender: str) -> bytes:
    """Return a mail to which something is missing, so that its answer holds the link by which it is completed."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, "mesadepartes@entidad.example"
    mail["Subject"], mail["Message-ID"] = "Pedido de copia", f"<{uuid4().hex}@ciudadana.example>"
    mail["Date"] = "Tue, 10 Mar 2026 10:00:00 -0500"
    mail.set_content("Olvidé adjuntar mi solicitud.\n")
    return mail.as_bytes()


SAID = """async (calls) => {
    const { href } = document.querySelector('link[href$="/app/texts.js"]');
    const { t } = await import(href);
    return calls.map(([key, data]) => t(key, data)); }"""


async def test_a_value_that_the_pages_do_not_know_is_said_in_plain_words(opens: Opens) -> None:
    at = "3:00 p.\u00a0m."
    calls = [["status.SHELVED", {}], ["mailbox.ASLEEP", {}], ["hours.sent-now", {"day": at}]]
    async with opens() as eyes:
        await eyes.open("/horario")
        said = await eyes.page.evaluate(SAID, calls)

    assert said == ["Otro estado", "Otro", f"Lo que envíe ahora se tendrá por presentado el {at}"]


async def test_a_newcomer_learns_what_can_be_done_when_and_what_comes_next(opens: Opens) -> None:
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/")
        await expect(page.get_by_role("link", name="Crear mi cuenta")).to_be_visible()
        await expect(page.get_by_role("heading", name="Así se presenta un documento")).to_be_visible()
        await eyes.look("start")
        await page.get_by_role("link", name="Horario y feriados de cada dependencia").click()

        await expect(page.get_by_role("heading", name="Horario de atención", level=1)).to_be_focused()
        await expect(page.get_by_text("Lo que envíe ahora se tendrá por presentado el ")).to_be_visible()
        await expect(page.get_by_role("row", name="Navidad")).to_be_visible()
        await eyes.look("hours")
        await page.get_by_label("Dependencia").select_option("Oficina Regional Lima")
        await expect(page.get_by_role("heading", name="Oficina Regional Lima: ")).to_be_visible()
        years = page.get_by_label("Año", exact=True)
        next_year = await years.locator("option").last.inner_text()
        await years.select_option(next_year)
        await expect(page.get_by_role("table", name=f"Feriados y días no laborables de {next_year}")).to_be_visible()


async def test_policy_statement_and_source_are_a_click_away_from_every_page(opens: Opens) -> None:
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/consulta")
        await page.get_by_role("link", name="Política de privacidad").click()
        await expect(page.get_by_role("heading", name="Sus derechos")).to_be_visible()
        await eyes.look("privacy")
        await page.get_by_role("link", name="Accesibilidad").click()
        await expect(page.get_by_role("heading", name="Declaración de accesibilidad")).to_be_focused()
        await expect(page.get_by_role("row", name="o Observar")).to_be_visible()
        await eyes.look("accessibility")
        await page.get_by_role("link", name="Código fuente").click()
        download = page.get_by_role("link", name="Descargar el código fuente")
        await expect(download).to_be_visible()
        await eyes.look("source")
        async with page.expect_download() as waiting:
            await download.click()
        source = Path(await (await waiting.value).path()).read_bytes()
        with tarfile.open(fileobj=io.BytesIO(source)) as archive:
            names = set(archive.getnames())

        assert {"mesa-de-partes-digital/LICENSE", "mesa-de-partes-digital/web/app/pages/source.js"} <= names


async def test_an_unknown_address_says_so_and_leads_back(opens: Opens) -> None:
    async with opens() as eyes:
        page = eyes.page
        answer = await page.goto(f"{eyes.base}/no-existe")
        assert answer is not None
        assert answer.status == 404
        await expect(page.get_by_role("heading", name="No encontramos esta página")).to_be_visible()
        await eyes.look("not-found")
        await page.get_by_role("link", name="Ir al inicio").click()
        await expect(page.get_by_role("heading", name="Presente sus documentos en línea")).to_be_focused()


async def test_quechua_says_that_it_awaits_its_translator_and_loses_nothing_typed(opens: Opens) -> None:
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/consulta")
        await page.get_by_label("Número de trámite").fill("MPD-2026-000001-M")
        language = page.get_by_label("Idioma")
        await language.focus()
        await language.select_option("Runasimi")
        note = page.get_by_text("Las frases en quechua esperan a un traductor certificado")
        await expect(note).to_be_visible()
        await expect(note).to_have_attribute("lang", "es-PE")
        await expect(language).to_be_focused()
        await expect(page.get_by_label("Número de trámite")).to_have_value("MPD-2026-000001-M")
        await eyes.look("language-quechua")
        # No sentence is in Quechua yet, so none is read aloud as if it were, and dates are Spanish.
        await expect(page.locator("html")).to_have_attribute("lang", "es-PE")
        await page.get_by_role("link", name="Horario de atención").click()
        await expect(page.get_by_text(re.compile(r"presentado el \d+ de [a-z]+ de \d{4}"))).to_be_visible()
        await page.reload()
        await expect(language).to_have_value("qu-PE")
        await language.select_option("Español")
        await expect(note).to_be_hidden()


async def test_pages_that_mails_lead_to_look_like_the_others(opens: Opens, counter: Stack, tmp_path: Path) -> None:
    async with counter.signed_in(APPLICANT) as rosa:
        number = (await rosa.file(key=str(uuid4()), data=a_pdf()))["number"]
        answer = await rosa.http.post("/graphql", json={"query": STATUS, "variables": {"number": number}})
    tramite = answer.json()["data"]["tramite"]
    sender = f"{uuid4().hex[:8]}@ciudadana.example"
    await counter.send_mail(mail_without_its_document(sender))
    (tmp_path / "solicitud.pdf").write_bytes(a_pdf())
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/estado")
        await page.get_by_label("Número de trámite").fill(number)
        await page.get_by_label("Clave de consulta").fill(tramite["lookupKey"])
        await page.get_by_role("button", name="Consultar").click()
        await expect(page.get_by_text("Pendiente de validación")).to_be_visible()
        await eyes.look("server-status")
        await eyes.open(f"/verificar/{tramite['receipts'][0]['verificationCode']}")
        await page.get_by_label("Archivo que quiere comprobar").set_input_files(tmp_path / "solicitud.pdf")
        await expect(page.get_by_role("listitem").filter(has_text="solicitud.pdf")).to_be_visible()
        await eyes.look("server-receipt")
        await eyes.open("/detener/x")
        await expect(page.get_by_role("button", name="Detener el cambio de contraseña")).to_be_visible()
        await eyes.look("server-stop")

        mail = await counter.wait_for_mail(lambda mail: mail["To"] == sender)
        body = mail.get_body(("plain",))
        assert body is not None
        [link] = set(re.findall(r"/completar/\S+", body.get_content()))
        await eyes.open(link)
        await eyes.look("server-complete")
        await page.get_by_label("Documento principal").set_input_files(tmp_path / "solicitud.pdf")
        await page.get_by_role("button", name="Enviar lo que falta").click()
        await expect(page.get_by_text("Recibimos lo que envió")).to_be_visible()
        await page.get_by_role("link", name="Mesa de Partes Digital").click()
        await expect(page.get_by_role("heading", name="Presente sus documentos en línea")).to_be_visible()


async def test_what_was_sent_by_mail_is_made_ones_own_by_the_link_of_its_receipt(opens: Opens, counter: Stack) -> None:
    sender = f"{uuid4().hex[:8]}@ciudadana.example"
    await counter.send_mail(mail_without_its_document(sender))
    mail = await counter.wait_for_mail(lambda mail: mail["To"] == sender)
    body = mail.get_body(("plain",))
    assert body is not None
    [link] = set(re.findall(r"/confirmar/\S+", body.get_content()))
    async with opens(APPLICANT) as eyes:
        page = eyes.page
        await eyes.open(link)
        await eyes.look("server-confirm")
        await page.get_by_role("link", name="Agréguelo a su cuenta").click()
        await expect(page.get_by_role("heading", name="Agregue a su cuenta lo que envió por correo")).to_be_visible()
        await eyes.look("claim-filing")
        await page.get_by_role("button", name="Agregar a mi cuenta").click()

        await expect(page.get_by_text("El trámite ya es de su cuenta")).to_be_visible()
        await expect(page.get_by_text("Pendiente de validación")).to_be_visible()
        await expect(page.get_by_text("Falta el documento principal")).to_be_visible()
        await eyes.open(link.replace("/confirmar/", "/incorporar/")[:-1])
        await page.get_by_role("button", name="Agregar a mi cuenta").click()
        await expect(page.get_by_role("alert")).to_be_focused()
