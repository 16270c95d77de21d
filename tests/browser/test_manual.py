"""The manual of the real system from its first page to its last, as a person walks it in a browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from mesadepartes.clock import now
from mesadepartes.development import ADMINISTRATOR, CLERK
from rules.workdays import day_of
from tests.browser.line import line_to
from tests.browser.newcomers import code_for, newcomer, registered
from tests.browser.papers import a_pdf
from tests.browser.walking import (
    MIDDLE,
    SLOW_BYTES,
    Walker,
    asks_to_send,
    attaches,
    confirms,
    fills_in,
    main_file,
    registers,
    reviews,
    signs_in,
)

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page, Route

    from mesadepartes.development import TrialPerson
    from tests.browser.conftest import Opens
    from tests.browser.looking import Eyes
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

OFFICE = "Oficina Regional Altiplano Puno"
ANNIVERSARY = "Aniversario de Puno"
OTHER_PASSWORD = "otra frase que nadie adivina"
MOST_ACTIONS = 17
MOST_ACTIONS_OF_A_NEWCOMER = 33
"""The promise is 25 from the start page to the receipt; whoever has no account yet registers once, in 16 more."""


async def test_the_manual_from_its_first_page_to_its_last(
    opens: Opens, counter: Stack, large: Path, tmp_path: Path
) -> None:
    await closes_for_days(opens)
    person = newcomer("Andrés")
    async with opens(reduced_motion="reduce") as eyes:
        walker = Walker(eyes.page)
        await eyes.open("/")
        await walker.press("link", "Crear mi cuenta")
        await registers(walker, counter, person)
        await signs_in(walker, person.dni, person.password)
        number = await files_out_of_hours(eyes, walker, large, tmp_path)
        key, code = await reads_the_receipt(eyes, walker, number, tmp_path)
        await finds_and_updates(eyes, walker, number)
        await is_observed_and_corrects(opens, eyes, walker, number, tmp_path)
        await tells_others(opens, number, key, code, tmp_path)
        await voids_another(eyes, walker, tmp_path)
        await loses_the_password(eyes, walker, counter, person)


async def closes_for_days(opens: Opens) -> None:
    """Close an office from today on, over any weekend: it is out of hours there, whatever the clock says."""
    today = day_of(now())
    days = [f"{today + timedelta(days=each)},{ANNIVERSARY},RD 26-2026,PUNO,yes" for each in range(4)]
    async with opens(ADMINISTRATOR) as eyes:
        await eyes.open("/calendario")
        await eyes.page.get_by_role("button", name="Importar un archivo").click()
        box = eyes.page.get_by_role("dialog")
        await box.get_by_label("Contenido").fill("\n".join(["date,name,source,office,closed", *days]))
        await box.get_by_role("button", name="Importar").click()
        await expect(eyes.page.get_by_text("Los días del archivo están declarados.")).to_be_focused()


async def files_out_of_hours(eyes: Eyes, walker: Walker, large: Path, folder: Path) -> str:
    """File 20 MB and an annex to an office that is closed; the date is told before one sends."""
    page = eyes.page
    (folder / "dni.pdf").write_bytes(a_pdf())
    await walker.arrives("Mis trámites")
    await expect(page.get_by_text("Todavía no ha presentado ningún documento.")).to_be_visible()
    await eyes.glance("manual-nothing-yet")
    await walker.press("link", "Presentar un documento")
    await fills_in(walker, "Solicito copia de mi expediente", office=OFFICE, folios="2")
    await attaches(walker, large)
    await walker.attach("Anexo 1: Elegir archivo", folder / "dni.pdf")
    await expect(page.get_by_role("group", name="Anexo 1: dni.pdf")).to_contain_text("Recibido")
    await eyes.glance("manual-files")
    await reviews(walker)
    date = page.get_by_role("region", name="Fecha de presentación si lo envía ahora")
    await expect(date).to_contain_text("Está fuera del horario de atención")
    await expect(date.get_by_role("listitem").filter(has_text=ANNIVERSARY).first).to_be_visible()
    await eyes.glance("manual-review")
    await walker.press("link", "Cambiar número de folios")
    await expect(page.get_by_label("Número de folios")).to_be_focused()
    await walker.type("Número de folios", "3")
    await walker.press("button", "Guardar y volver a revisar")
    await walker.arrives("Revise antes de enviar")
    await asks_to_send(walker)
    await expect(page.get_by_role("dialog")).to_contain_text("Está fuera del horario de atención")
    await eyes.glance("manual-confirm")
    number = await confirms(walker)
    await expect(page.get_by_text(number).first).to_be_visible()
    await expect(page.get_by_text("pero cuenta desde el")).to_be_visible()
    await eyes.glance("manual-filed")
    return number


async def reads_the_receipt(eyes: Eyes, walker: Walker, number: str, folder: Path) -> tuple[str, str]:
    """Open the receipt; return the key and the code that others are given."""
    page = eyes.page

    async def keep(route: Route) -> None:
        answer = await route.fetch()
        (folder / "constancia.pdf").write_bytes(await answer.body())
        await route.fulfill(response=answer)

    await page.route("**/receipts/**", keep)
    await (await sees_the_receipt(walker)).close()
    assert (folder / "constancia.pdf").read_bytes().startswith(b"%PDF-")
    said = await page.get_by_role("main").inner_text()
    key = re.search(r"Clave de consulta:\s*([\w-]{19})", said)
    code = re.search(r"Código de verificación:\s*([\w-]{19})", said)
    assert key, said
    assert code, said
    assert number in said
    return key[1], code[1]


async def finds_and_updates(eyes: Eyes, walker: Walker, number: str) -> None:
    """Find it among my trámites, and change what was typed wrong."""
    page = eyes.page
    await walker.press("link", "Mis trámites")
    await walker.arrives("Mis trámites")
    await walker.type("Buscar", "expediente")
    await page.get_by_role("searchbox").press("Enter")
    await expect(page.get_by_text("1 trámite", exact=True)).to_be_visible()
    await eyes.glance("manual-found")
    await walker.press("link", "Solicito copia de mi expediente")
    await walker.arrives("Solicito copia de mi expediente")
    await walker.press("link", "Actualizar los datos")
    await walker.arrives("Actualice los datos")
    await walker.select("Dependencia de destino", "Sede Central")  # where our clerk is
    await walker.type("Asunto", "Solicito copia certificada de mi expediente")
    await eyes.glance("manual-update")
    await walker.press("button", "Actualizar")
    await walker.press("button", "Sí, actualizar", place="dialog")
    await expect(page.get_by_text("Los datos se actualizaron.")).to_be_visible()
    await walker.arrives("Solicito copia certificada de mi expediente")
    assert f"/tramites/{number}" in page.url
    await eyes.glance("manual-updated")


async def is_observed_and_corrects(opens: Opens, eyes: Eyes, walker: Walker, number: str, folder: Path) -> None:
    """See at once what the clerk asks for, and send it."""
    page = eyes.page
    (folder / "firmada.pdf").write_bytes(a_pdf(2))
    await expect(page.get_by_text("en vivo", exact=True)).to_be_visible()
    async with opens(CLERK, reduced_motion="reduce") as clerk:
        desk = clerk.page
        await desk.goto(f"{clerk.base}/bandeja/{number}")
        await desk.get_by_role("region", name=f"Trámite {number}").get_by_role("button", name="Observar").click()
        await desk.get_by_label("Punto 1").fill("Falta la firma en la última página.")
        await clerk.glance("manual-observing")
        await desk.get_by_role("button", name="Observar y avisar").click()
        await expect(desk.get_by_text(f"Se observó el trámite {number}")).to_be_attached()
    await expect(page.get_by_text("Acaba de cambiar: Observado.")).to_be_visible()
    await expect(page.get_by_text("Falta la firma en la última página.").first).to_be_visible()
    await eyes.glance("manual-observed")
    await walker.press("link", "Corregir lo observado")
    await walker.arrives("Corrija lo observado")
    await walker.type("Qué corrige", "Va firmada.")
    await walker.attach("Documento principal: Elegir archivo", folder / "firmada.pdf")
    await expect(page.get_by_text("Recibido", exact=True)).to_be_visible()
    await eyes.glance("manual-correct")
    await walker.press("button", "Enviar la corrección")
    await walker.press("button", "Sí, enviar", place="dialog")
    await expect(page.get_by_text("Recibimos su corrección.")).to_be_visible()
    await expect(page.get_by_role("button", name="Ver Constancia de subsanación")).to_be_visible()
    await eyes.glance("manual-corrected")


async def tells_others(opens: Opens, number: str, key: str, code: str, folder: Path) -> None:
    """Give number and key to somebody without an account, and the receipt's code to somebody who doubts."""
    async with opens(reduced_motion="reduce") as eyes:
        walker = Walker(eyes.page)
        await eyes.open("/")
        await walker.press("link", "Consultar un trámite")
        await walker.arrives("Consulte un trámite")
        await walker.type("Número de trámite", number)
        await walker.type("Clave de consulta", key)
        await walker.press("button", "Consultar")
        await walker.arrives(f"Estado del trámite {number}")
        await expect(eyes.page.get_by_text("Pendiente de validación")).to_be_visible()
        await walker.press("link", "Verificar una constancia", place="banner")
        await walker.arrives("Verifique una constancia")
        await walker.type("Código de verificación", code)
        await walker.press("button", "Verificar")
        await walker.arrives("Esta mesa de partes la emitió")
        await expect(eyes.page.get_by_role("main")).to_contain_text(number)
        await walker.attach("Elegir archivos", folder / "constancia.pdf")
        await expect(eyes.page.get_by_text("Coincide: constancia.pdf")).to_be_visible()
        await eyes.glance("manual-verified")


async def voids_another(eyes: Eyes, walker: Walker, folder: Path) -> None:
    """File another one, and take it back."""
    await walker.press("link", "Presentar un documento", place="banner")
    await fills_in(walker, "Enviado por error")
    await attaches(walker, folder / "dni.pdf")
    await reviews(walker)
    await asks_to_send(walker)
    number = await confirms(walker)
    await walker.press("button", "Anular el trámite")
    await walker.type("Motivo (opcional)", "Elegí el archivo equivocado.")
    await walker.press("button", "Sí, anular", place="dialog")
    await expect(eyes.page.get_by_text("El trámite se anuló.")).to_be_visible()
    await eyes.glance("manual-voided")
    await walker.press("link", "Mis trámites", place="banner")
    await walker.arrives("Mis trámites")
    await expect(eyes.page.get_by_role("main")).to_contain_text("Solicito copia certificada de mi expediente")
    await expect(eyes.page.get_by_role("main")).not_to_contain_text(number)


async def loses_the_password(eyes: Eyes, walker: Walker, counter: Stack, person: TrialPerson) -> None:
    """Sign out, set a new password by mail, and sign in with it."""
    await walker.press("button", "Cerrar sesión", place="banner")
    await expect(eyes.page.get_by_text("Cerró su sesión.")).to_be_visible()
    await walker.press("link", "Ingresar", place="banner")
    await walker.arrives("Ingrese a la mesa de partes")
    await walker.press("link", "Olvidé mi contraseña")
    await walker.arrives("Recupere su contraseña")
    await walker.type("Número de documento de identidad", person.dni)
    await walker.check()
    await walker.press("button", "Continuar")
    await walker.arrives("Escriba su contraseña nueva")
    await walker.type("Código de restauración", await code_for(counter, person.email, "Código para"))
    await walker.type("Contraseña nueva", OTHER_PASSWORD)
    await walker.press("button", "Cambiar la contraseña")
    await walker.arrives("Su contraseña cambió")
    await walker.press("link", "Ingresar")
    await signs_in(walker, person.dni, OTHER_PASSWORD)
    await walker.arrives("Mis trámites")
    await eyes.glance("manual-end")
    await walker.press("button", "Cerrar sesión", place="banner")
    await expect(eyes.page.get_by_text("Cerró su sesión.")).to_be_visible()


async def test_the_manual_on_a_telephone_with_the_line_cut_in_the_middle(
    opens: Opens, counter: Stack, large: Path
) -> None:
    person = await registered(counter, "Luz")
    telephone: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    async with (
        line_to(counter.http_port) as (line, proxy),
        opens(**telephone, reduced_motion="reduce", proxy={"server": proxy}) as eyes,
    ):
        page, walker = eyes.page, Walker(eyes.page, is_touch=True)
        await eyes.open("/")
        await eyes.glance("manual-telephone-start")
        await walker.press("link", "Presentar un documento")
        await eyes.glance("manual-telephone-sign-in")
        await signs_in(walker, person.dni, person.password)
        await fills_in(walker, "Desde el campo, con poca señal")
        line.bytes_per_second = SLOW_BYTES
        await walker.attach("Documento principal: Elegir archivo", large)
        await expect(main_file(page)).to_contain_text(MIDDLE)
        await eyes.glance("manual-telephone-sending")
        await page.context.set_offline(True)
        line.cut()
        await expect(main_file(page)).to_contain_text("Se cortó la conexión")
        await eyes.glance("manual-telephone-cut")
        line.is_cut, line.bytes_per_second = False, None
        await page.context.set_offline(False)
        await expect(main_file(page)).to_contain_text("Recibido")  # by itself, from where it was
        await reviews(walker)
        await eyes.glance("manual-telephone-review")
        await asks_to_send(walker)
        await eyes.glance("manual-telephone-confirm")
        number = await confirms(walker)
        await eyes.glance("manual-telephone-filed")
        async with page.expect_download() as saved:
            await walker.press("button", "Ver constancia", is_exact=True)
        download = await saved.value
        assert download.suggested_filename == f"constancia-{number}.pdf"
        assert (await download.path()).read_bytes().startswith(b"%PDF-")
        await walker.press("button", "Menú", place="banner")
        await eyes.glance("manual-telephone-menu")
        await walker.press("link", "Mis trámites", place="banner")
        await walker.arrives("Mis trámites")
        await expect(page.get_by_role("main")).to_contain_text(number)
        await walker.press("link", "Desde el campo, con poca señal")
        await walker.arrives("Desde el campo, con poca señal")
        await walker.press("button", "Menú", place="banner")
        await walker.press("button", "Cerrar sesión", place="banner")
        await expect(page.get_by_text("Cerró su sesión.")).to_be_visible()


async def test_a_first_filing_from_the_start_page_to_the_receipt_takes_few_actions(
    opens: Opens, counter: Stack, large: Path
) -> None:
    citizen, stranger = await registered(counter), newcomer("Yeni")
    async with opens(reduced_motion="reduce") as eyes:
        walker = Walker(eyes.page)
        await eyes.open("/")
        await walker.press("link", "Presentar un documento")
        await signs_in(walker, citizen.dni, citizen.password)
        await walker.arrives("Datos del documento")
        await eyes.look("filing-data")
        await fills_in(walker, "Solicito copia de mi expediente")
        await eyes.look("filing-files")
        await attaches(walker, large)
        await expect(eyes.page.get_by_label("Anexo 1: Elegir archivo")).to_be_visible()
        await eyes.look("filing-files-received")
        await reviews(walker)
        await expect(eyes.page.get_by_text("Fecha de presentación si lo envía ahora")).to_be_visible()
        await eyes.look("filing-review")
        await asks_to_send(walker)
        await eyes.look("filing-confirm")
        await confirms(walker)
        await sees_the_receipt(walker)
        assert walker.actions <= MOST_ACTIONS

    async with opens(reduced_motion="reduce") as eyes:
        walker = Walker(eyes.page)
        await eyes.open("/")
        await walker.press("link", "Presentar un documento")
        await walker.press("link", "Regístrese")
        await registers(walker, counter, stranger)
        await signs_in(walker, stranger.dni, stranger.password)
        await fills_in(walker, "Mi primera solicitud")
        await attaches(walker, large)
        await reviews(walker)
        await asks_to_send(walker)
        await confirms(walker)
        await sees_the_receipt(walker)
        assert walker.actions <= MOST_ACTIONS_OF_A_NEWCOMER


async def sees_the_receipt(walker: Walker) -> Page:
    """Open the receipt in its tab."""
    async with walker.page.expect_popup() as opened:
        await walker.press("button", "Ver constancia", is_exact=True)
    receipt = await opened.value
    await receipt.wait_for_url(re.compile("^blob:"))
    return receipt
