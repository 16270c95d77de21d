"""What came by mail: seen and decided at the desk, and what a person must settle."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT, CLERK, SUPERVISOR
from tests.browser.papers import a_pdf
from tests.browser.test_tramites import OBSERVE, does
from tests.journeys.mail_damage import HELD
from tests.journeys.stack import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.browser.conftest import Opens
    from tests.browser.looking import Eyes
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPT = "<p>Hola</p><script>document.title = 'robado'</script><img src=//evil.example/x.png>"


def letter(subject: str, sender: str, *, answers: str | None = None) -> bytes:
    """Return a mail with a document; its HTML would run, and fetch."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Ana Torres <{sender}>", "mesadepartes@entidad.example", subject
    mail["Message-ID"] = f"<{uuid4().hex}@ciudadana.example>"
    mail.set_content(f"{subject}. Adjunto el documento.\n")
    mail.add_alternative(SCRIPT, subtype="html")
    mail.add_attachment(a_pdf(), maintype="application", subtype="pdf", filename="pedido.pdf")
    # Python itself would fold what is so long.
    thread = f"In-Reply-To: {answers}\n" if answers else ""
    return thread.encode() + mail.as_bytes()


async def bring(counter: Stack, subject: str) -> str:
    """Hand in a mail that waits for a person; return who sent it."""
    sender = f"ana.{uuid4().hex[:8]}@ciudadana.example"
    await counter.send_mail(HELD.encode() + letter(subject, sender))
    return sender


async def listed(page: Page, count: int) -> Locator:
    """Wait until so many mails are in the list; return their links."""
    mails = page.get_by_role("main").get_by_role("link", name="Recibido el")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await mails.count() < count:
            await page.reload()
            await expect(page.get_by_label("Resultado")).to_be_visible()
            await expect(page.get_by_role("status").filter(has_text="Un momento")).to_have_count(0)
    return mails


async def open_mail(eyes: Eyes, subject: str, *, of: int) -> None:
    """Open the mail with that subject: only its text tells which it is."""
    page = eyes.page
    await eyes.open("/correo")
    mails = await listed(page, of)
    for at in range(of):
        await mails.nth(at).click()
        text = page.get_by_role("region", name="Texto del correo")
        await expect(text).to_contain_text("Asunto:")
        if subject in await text.inner_text():
            return
        await page.go_back()
        await expect(mails.nth(at)).to_be_visible()
    raise AssertionError(subject)


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


async def decide(page: Page, name: str) -> None:
    await page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


async def test_mails_in_quarantine_are_let_in_rejected_and_answered(opens: Opens, counter: Stack) -> None:
    ana, eva = await bring(counter, "Solicito mi constancia"), await bring(counter, "Gane dinero")
    async with opens(CLERK) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await eyes.open("/correo")
        await listed(page, 2)
        await eyes.look("mails")

        await open_mail(eyes, "Solicito mi constancia", of=2)
        await expect(page.get_by_text("Declara dos formas de leer sus archivos")).to_be_visible()
        await expect(page.get_by_role("region", name="Texto del correo")).not_to_contain_text("script")
        await eyes.look("mail")
        await press(page, "Responder")
        await decide(page, "Responder")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("mail-answer-refused")
        await box.get_by_label("Respuesta").fill("Lo estamos revisando; no lo envíe de nuevo.")
        await decide(page, "Responder")
        await expect(page.get_by_text("La respuesta se enviará en seguida.")).to_be_focused()
        assert "Lo estamos revisando" in text_of(await counter.wait_for_mail(lambda mail: ana in str(mail["To"])))
        await press(page, "Dejar pasar")
        await eyes.look("mail-release")
        await decide(page, "Dejar pasar")
        await expect(page.get_by_text("El correo se dejó pasar: MPD-")).to_be_focused()
        await expect(page.get_by_text("Se respondió")).to_be_visible()
        await expect(page.get_by_text("libérelo o rechácelo")).to_have_count(0)
        await expect(page.get_by_role("button", name="Rechazar")).to_have_count(0)
        await eyes.look("mail-released")
        await page.get_by_role("main").get_by_role("link", name="MPD-").click()
        await expect(page.get_by_role("region", name="Trámite MPD-")).to_contain_text("Solicito mi constancia")

        await open_mail(eyes, "Gane dinero", of=1)
        await press(page, "Rechazar")
        await box.get_by_label("Motivo").fill("No es un documento para esta entidad.")
        await eyes.look("mail-reject")
        await decide(page, "Rechazar")
        await expect(page.get_by_text("El correo se rechazó.")).to_be_focused()
        await eyes.look("mail-rejected")
        assert "No es un documento" in text_of(await counter.wait_for_mail(lambda mail: eva in str(mail["To"])))
        await page.get_by_role("link", name="Volver al correo recibido").click()
        await expect(page.get_by_text("Ningún correo espera que usted decida.")).to_be_visible()
        await page.get_by_label("Resultado").select_option("Rechazado")
        await expect(page.get_by_role("main").get_by_role("link", name="Recibido el")).to_have_count(1)


async def test_a_mail_that_a_colleague_was_quicker_with_is_told(opens: Opens, counter: Stack) -> None:
    await bring(counter, "Para los dos")
    async with opens(CLERK) as eyes, opens(SUPERVISOR) as boss:
        page = eyes.page
        await open_mail(eyes, "Para los dos", of=1)
        await boss.page.goto(page.url)
        await press(boss.page, "Dejar pasar")
        await decide(boss.page, "Dejar pasar")
        await expect(boss.page.get_by_text("El correo se dejó pasar: MPD-")).to_be_focused()
        await press(page, "Rechazar")
        await page.get_by_role("dialog").get_by_label("Motivo").fill("No corresponde.")
        await decide(page, "Rechazar")
        await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("ya ingresó como trámite")


async def test_what_a_person_must_settle_is_a_task_until_it_is_closed(opens: Opens, counter: Stack) -> None:
    async with counter.signed_in(APPLICANT) as rosa:
        tramite = await rosa.file(key=str(uuid4()), data=a_pdf())
    number = tramite["number"]
    async with opens(CLERK) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await eyes.open("/tareas")
        await expect(page.get_by_text("No hay tareas pendientes.")).to_be_visible()
        await eyes.look("tasks-none")
        await does(eyes, OBSERVE, id=tramite["id"], points=["Falta la firma."])
        told = await counter.wait_for_mail(
            lambda mail: number in str(mail["Subject"]) and "observ" in str(mail["Subject"]).lower()
        )
        # From her address, but nobody vouches for it: it becomes a filing of its own.
        await counter.send_mail(letter("Va firmado", APPLICANT.email, answers=str(told["Message-ID"])))
        task = page.get_by_role("listitem").filter(has_text=number)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await task.count():
                await page.reload()
                await expect(page.get_by_role("main").get_by_text("Tareas", exact=True)).to_be_visible()
                await expect(page.get_by_role("status").filter(has_text="Un momento")).to_have_count(0)
        await expect(task).to_contain_text("Una respuesta a la observación ingresó como otro documento")
        await eyes.look("tasks")
        await task.get_by_role("button", name="Resolver").click()
        await decide(page, "Cerrar la tarea")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("task-refused")
        await box.get_by_label("Qué se hizo").fill("La llamé: es suyo y volverá a enviarlo por la web.")
        await decide(page, "Cerrar la tarea")
        await expect(page.get_by_text("La tarea se cerró.")).to_be_focused()
        await expect(task).to_have_count(0)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content()
