"""Filing a document: from the start page to its number, over lines that are cut, and never twice."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT
from mesadepartes.taxpayer_samples import HEADER
from tests.browser.line import line_to
from tests.browser.looking import is_api
from tests.browser.newcomers import pass_check
from tests.browser.walking import FILED, MIDDLE, SLOW_BYTES, main_file
from tests.hostile import form_pdf, launching_pdf, plain_pdf

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playwright.async_api import Page, Request, Route

    from tests.browser.conftest import Opens
    from tests.browser.looking import Eyes
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

RUC = "20131312955"


async def test_what_is_missing_is_told_with_the_way_to_it(opens: Opens) -> None:
    async with filing(opens) as eyes:
        page = eyes.page
        await page.get_by_label("Número de folios").fill("dos")
        await page.get_by_role("button", name="Continuar").click()
        await expect(page.get_by_role("alert").filter(has_text="Hay 4 problemas")).to_be_focused()
        await eyes.look("filing-data-refused")
        await page.get_by_role("link", name="Escriba el número de folios solo con cifras").click()
        await expect(page.get_by_label("Número de folios")).to_be_focused()
        await fill(page, "Con un solo dato mal", folios="7")
        await page.get_by_role("button", name="Continuar").click()

        await expect(page.get_by_role("heading", name="Archivos")).to_be_focused()
        await page.get_by_role("button", name="Continuar").click()
        await expect(page.get_by_role("link", name="Adjunte el documento principal en PDF.")).to_be_visible()
        await attach(page, "carta.docx", b"x")
        await expect(page.get_by_text("El documento principal debe ser un PDF")).to_be_visible()
        await attach(page, "solicitud.pdf", launching_pdf())
        await expect(page.get_by_text("El PDF intenta abrir otro programa")).to_be_visible()
        await drop(page, "formulario.pdf", form_pdf())
        await expect(page.get_by_text("Se recibió. Antes de enviar, tenga en cuenta:")).to_be_visible()
        await page.get_by_role("button", name="Continuar").click()
        await expect(page.get_by_role("alert").filter(has_text="No se recibió")).to_be_focused()
        await eyes.look("filing-files-refused")
        await attach(page, "solicitud.pdf", plain_pdf(2))
        await expect(main_file(page)).to_contain_text("Recibido")
        await expect(page.locator("#mainUpload-problem")).to_be_hidden()
        await page.get_by_role("button", name="Continuar").click()

        await expect(page.get_by_text("Declaró 7 folios")).to_be_visible()
        await page.get_by_role("button", name="Enviar").click()
        await expect(page.get_by_role("alert").filter(has_text="política de privacidad vigente")).to_be_focused()
        await page.get_by_text("Leer la política de privacidad").click()
        await eyes.look("filing-review-refused")
        await page.get_by_role("link", name="Cambiar número de folios").click()
        await expect(page.get_by_label("Número de folios")).to_be_focused()
        await page.get_by_label("Número de folios").fill("2")
        await page.get_by_role("button", name="Guardar y volver a revisar").click()
        await expect(page.get_by_role("heading", name="Revise antes de enviar")).to_be_focused()
        await expect(page.get_by_text("Declaró 7 folios")).to_be_hidden()
        await page.get_by_label("Acepto la política de privacidad").check()
        await page.get_by_role("button", name="Enviar").click()
        await page.get_by_role("button", name="Todavía no").click()
        await expect(page.get_by_role("button", name="Enviar")).to_be_focused()

        await page.get_by_role("button", name="Descartar este borrador").click()
        await expect(page.get_by_role("dialog", name="¿Descartar el borrador?")).to_be_visible()
        await eyes.look("filing-discard")
        await page.get_by_role("button", name="Sí, descartar").click()
        await expect(page.get_by_text("El borrador se descartó.")).to_be_visible()
        await eyes.look("filing-discarded")


async def test_on_a_telephone_a_cut_line_and_a_reload_cost_nothing_that_was_sent(
    opens: Opens, counter: Stack, large: Path
) -> None:
    async with (
        line_to(counter.http_port) as (line, proxy),
        filing(opens, viewport={"width": 360, "height": 740}, has_touch=True, proxy={"server": proxy}) as eyes,
    ):
        page = eyes.page
        offsets = list[int]()
        page.on("request", lambda request: offsets.extend(offsets_of(request)))
        await fill(page, "Desde el campo, con poca señal")
        await page.context.set_offline(True)
        await page.get_by_label("Asunto").fill("Desde el campo, con muy poca señal")
        await expect(page.get_by_text("Sin conexión con la mesa de partes")).to_be_visible()
        await eyes.look("filing-data-offline")
        await page.context.set_offline(False)
        await expect(page.get_by_text("Guardado a las")).to_be_visible()
        await page.get_by_role("button", name="Continuar").click()

        await expect(page.get_by_role("heading", name="Archivos")).to_be_focused()
        line.bytes_per_second = SLOW_BYTES
        await page.get_by_label("Documento principal: Elegir archivo").set_input_files(large)
        await expect(main_file(page)).to_contain_text(MIDDLE)
        await eyes.look("filing-files-sending")
        await page.context.set_offline(True)
        line.cut()
        await expect(main_file(page)).to_contain_text("Se cortó la conexión")
        await eyes.look("filing-files-cut")
        line.is_cut = False
        await page.context.set_offline(False)
        await expect(main_file(page)).to_contain_text("Enviando")  # by itself
        await page.reload()
        line.bytes_per_second = None

        await expect(page.get_by_text("Falta parte de «expediente escaneado.pdf»")).to_be_visible()
        await eyes.look("filing-files-again")
        await page.get_by_label("Documento principal: Elegir el mismo archivo").set_input_files(large)
        await expect(main_file(page)).to_contain_text("Recibido")
        assert [offset > 0 for offset in offsets] == [False, True, True], offsets
        await page.get_by_role("button", name="Continuar").click()
        await expect(page.get_by_text("Desde el campo, con muy poca señal")).to_be_visible()
        await send(page)
        await page.get_by_role("button", name="Copiar número y clave").tap()
        await expect(page.get_by_text("Copiados.")).to_be_visible()


async def test_a_company_is_looked_up_by_its_ruc(opens: Opens, counter: Stack) -> None:
    async with filing(opens) as eyes:
        page = eyes.page
        await page.get_by_label("De una empresa o entidad").check()
        await page.get_by_label("RUC", exact=True).fill("20131312954")
        await page.get_by_role("button", name="Validar RUC").click()
        await expect(page.get_by_text("revise sus 11 dígitos")).to_be_visible()
        await page.get_by_label("RUC", exact=True).fill(RUC)
        await page.get_by_role("button", name="Validar RUC").click()
        await expect(page.get_by_text("Aquí no está el padrón de la SUNAT")).to_be_visible()
        await eyes.look("filing-company-unknown")

        register = counter.folder / "padron.txt"
        register.write_text(f"{HEADER}{RUC}|AGRÍCOLA ÑAUPARI S.A.C.|ACTIVO|HABIDO|{'-|' * 11}\n", encoding="latin-1")
        secret = str(counter.folder / "data" / "secrets" / "owner-database-url")
        code, output = await counter.call("ruc", "import", str(register), MESA_DATABASE_URL_FILE=secret)
        assert code == 0, output
        await page.reload()
        await expect(page.get_by_label("RUC", exact=True)).to_have_value(RUC)
        await page.get_by_role("button", name="Validar RUC").click()
        await expect(page.get_by_text("Estado: ACTIVO. Condición de domicilio: HABIDO.")).to_be_visible()
        await expect(page.get_by_label("Razón social")).to_have_value("AGRÍCOLA ÑAUPARI S.A.C.")
        await eyes.look("filing-company")
        await fill(page, "Propuesta de la empresa")
        await page.get_by_role("button", name="Continuar").click()
        await attach(page, "propuesta.pdf", plain_pdf(1))
        await expect(main_file(page)).to_contain_text("Recibido")
        await page.route("**/graphql", on_a_holiday)
        await page.get_by_role("button", name="Continuar").click()
        await expect(page.get_by_text(f"AGRÍCOLA ÑAUPARI S.A.C., RUC {RUC}")).to_be_visible()
        await expect(page.get_by_text("9 de diciembre de 2026")).to_be_visible()
        await expect(page.get_by_text("8 dic. 2026: Inmaculada Concepción")).to_be_visible()
        await eyes.look("filing-review-holiday")
        await page.unroute_all()
        await send(page)


async def test_two_windows_with_one_draft_overwrite_nothing_of_each_other(opens: Opens) -> None:
    async with filing(opens) as one, opens(APPLICANT, reduced_motion="reduce") as other:
        await fill(one.page, "Escrito en la primera ventana")
        await one.page.get_by_label("Asunto").blur()
        await other.page.goto(one.page.url)
        await expect(other.page.get_by_label("Asunto")).to_have_value("Escrito en la primera ventana")
        await saves(other.page, "Escrito en la segunda ventana")

        await one.page.get_by_label("Asunto").fill("Escrito otra vez en la primera")
        await expect(one.page.get_by_role("alert").filter(has_text="desde otra ventana")).to_be_visible()
        await one.look("filing-changed")
        await one.page.get_by_role("button", name="Guardar lo mío como otro borrador").click()
        await expect(one.page.get_by_role("alert").filter(has_text="desde otra ventana")).to_be_hidden()
        assert one.page.url != other.page.url

        await one.open("/presentar")
        for subject in ("Escrito otra vez en la primera", "Escrito en la segunda ventana"):
            await expect(one.page.get_by_role("link", name=f"Continuar {subject}")).to_be_visible()
        await one.look("filing-drafts")
        await one.page.goto(other.page.url)
        await saves(one.page, "Lo último, de la primera")
        await other.page.get_by_label("Asunto").fill("Algo que ya no importa")
        await other.page.get_by_role("button", name="Ver lo último guardado").click()
        await expect(other.page.get_by_label("Asunto")).to_have_value("Lo último, de la primera")


async def test_whoever_presses_twice_or_loses_the_answer_files_once(opens: Opens, counter: Stack) -> None:
    async with filing(opens) as eyes:
        page = eyes.page
        await to_review(page, "Una sola vez")
        await page.get_by_label("Acepto la política de privacidad").check()
        await page.get_by_role("button", name="Enviar").click()
        answered = asyncio.Event()
        await page.route("**/graphql", losing("fileTramite", after=answered))
        await page.get_by_role("button", name="Sí, enviar").dblclick()
        await expect(page.get_by_role("dialog", name="Enviando su documento")).to_be_visible()
        await eyes.look("filing-sending")
        answered.set()
        await expect(page.get_by_text("no sabemos si llegó")).to_be_visible()
        await eyes.look("filing-lost")
        await page.unroute_all()
        await page.get_by_role("button", name="Volver a enviar").click()
        await page.wait_for_url(FILED)

    async with filing(opens) as eyes:
        page = eyes.page
        await to_review(page, "Una sola vez, con recarga")
        await page.route("**/graphql", losing("fileTramite"))
        await page.get_by_label("Acepto la política de privacidad").check()
        await page.get_by_role("button", name="Enviar").click()
        await page.get_by_role("button", name="Sí, enviar").click()
        await expect(page.get_by_text("no sabemos si llegó")).to_be_visible()
        await page.unroute_all()
        await page.reload()
        await page.wait_for_url(FILED)

    async with counter.signed_in(APPLICANT) as applicant:
        subjects = [each["subject"] for each in await applicant.tramites()]
    assert [subjects.count(each) for each in ("Una sola vez", "Una sola vez, con recarga")] == [1, 1]


async def test_a_session_that_ends_loses_nothing_that_was_typed(opens: Opens) -> None:
    async with filing(opens) as eyes:
        page = eyes.page
        await page.context.clear_cookies()
        await page.get_by_label("Asunto").fill("Escrito después de que terminó la sesión")
        await expect(page.get_by_role("alert").filter(has_text="Su sesión terminó")).to_be_visible()
        await expect(page.get_by_text("Se guardará cuando ingrese de nuevo.")).to_be_visible()
        await eyes.look("filing-signed-out")
        await page.get_by_role("link", name="Ingresar de nuevo").click()
        await page.get_by_label("Contraseña", exact=True).fill(APPLICANT.password)
        await pass_check(page)
        await page.get_by_role("dialog").get_by_role("button", name="Ingresar").click()

        await expect(page.get_by_text("Guardado a las")).to_be_visible()
        await page.reload()
        await expect(page.get_by_label("Asunto")).to_have_value("Escrito después de que terminó la sesión")


@asynccontextmanager
async def filing(opens: Opens, **context: Any) -> AsyncGenerator[Eyes]:
    """Open a window in which a new filing begins."""
    async with opens(APPLICANT, reduced_motion="reduce", **context) as eyes:
        await eyes.open("/presentar?descartado")
        await eyes.page.get_by_role("button", name="Empezar uno nuevo").click()
        await eyes.page.get_by_role("heading", name="Datos del documento").wait_for()
        yield eyes


def given(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


async def fill(page: Page, subject: str, *, folios: str = "1") -> None:
    """Fill in the first step."""
    await page.get_by_label("Dependencia de destino").select_option(label="Sede Central")
    await page.get_by_label("Solicitud").check()
    await page.get_by_label("Número de folios").fill(folios)
    await page.get_by_label("Asunto").fill(subject)


async def attach(page: Page, name: str, content: bytes) -> None:
    await page.get_by_label("Documento principal: Elegir").set_input_files(given(name, content))


async def drop(page: Page, name: str, content: bytes) -> None:
    """Let a file fall on the place of the first annex."""
    made = await page.evaluate_handle(
        """([name, bytes]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], name));
            return carried;
        }""",
        [name, list(content)],
    )
    await page.get_by_label("Anexo 1: Elegir archivo").dispatch_event("drop", {"dataTransfer": made})


async def to_review(page: Page, subject: str) -> None:
    await fill(page, subject)
    await page.get_by_role("button", name="Continuar").click()
    await attach(page, "solicitud.pdf", plain_pdf(1))
    await expect(main_file(page)).to_contain_text("Recibido")
    await page.get_by_role("button", name="Continuar").click()
    await page.get_by_role("heading", name="Revise antes de enviar").wait_for()


async def send(page: Page) -> None:
    await page.get_by_label("Acepto la política de privacidad").check()
    await page.get_by_role("button", name="Enviar").click()
    await page.get_by_role("button", name="Sí, enviar").click()
    await page.wait_for_url(FILED)


async def saves(page: Page, subject: str) -> None:
    """Type a subject and wait until the counter has it."""
    async with page.expect_response(lambda answer: is_save(answer.request)) as answered:
        await page.get_by_label("Asunto").fill(subject)
    await (await answered.value).finished()


def is_save(request: Request) -> bool:
    """Return whether a request saves a draft."""
    return is_api(request) and '"form"' in (request.post_data or "") and '"clientKey"' in (request.post_data or "")


def losing(field: str, *, after: asyncio.Event | None = None) -> Any:
    """Return what lets a mutation do its work, and then cuts the line, perhaps only *after* something."""

    async def lose(route: Route) -> None:
        if '"draftId"' not in (route.request.post_data or ""):
            await route.continue_()
            return
        answer = await route.fetch()
        assert field in await answer.text()
        if after:
            await after.wait()
        await route.abort()

    return lose


async def on_a_holiday(route: Route) -> None:
    """Let a filing be reviewed as if it were a holiday."""
    answer = await route.fetch()
    said = await answer.json()
    if review := said["data"].get("reviewFiling"):
        holiday = {"day": "2026-12-08", "reason": "Inmaculada Concepción"}
        review |= {"filedOnIfSentNow": "2026-12-09", "skipped": [holiday]}
    await route.fulfill(response=answer, json=said)


def offsets_of(request: Request) -> list[int]:
    """Return from where a request sends the bytes of a file, if it does."""
    return [int(request.headers["upload-offset"])] if request.method == "PUT" else []
