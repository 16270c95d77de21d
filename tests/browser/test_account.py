"""One's account: registered, recovered, changed, closed; and the session that is about to end."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from playwright.async_api import expect

from mesadepartes.clock import now
from mesadepartes.development import ADMINISTRATOR
from mesadepartes.web_files import TRUSTED
from rules.second_factors import code_of, step_at
from tests.browser.newcomers import code_for, fill_person, newcomer, pass_check, registered

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playwright.async_api import BrowserContext, Page, Route

    from mesadepartes.development import TrialPerson
    from tests.browser.conftest import Opens
    from tests.browser.looking import Eyes
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

DRAWN = "() => new Promise((settle) => requestAnimationFrame(() => requestAnimationFrame(settle)))"
OTHER_PASSWORD = "otra frase que nadie adivina"
INVITE = """mutation($input: InviteStaffInput!) {
    inviteStaff(input: $input) { __typename ... on Refusal { message } } }"""


@asynccontextmanager
async def held(windows: BrowserContext, operation: str) -> AsyncGenerator[asyncio.Event]:
    """Hold back an operation of all windows until the block ends; yields what is set when it is asked."""
    asked, ends = asyncio.Event(), asyncio.Event()
    trusted: dict[str, str] = json.loads(TRUSTED.read_text())
    [document_id] = [id_ for id_, text in trusted.items() if text.startswith(f"query {operation}{{")]

    async def hold(route: Route) -> None:
        if document_id in (route.request.post_data or ""):
            asked.set()
            await ends.wait()
        await route.continue_()

    await windows.route("**/graphql", hold)
    try:
        yield asked
    finally:
        ends.set()
        await windows.unroute_all(behavior="wait")


async def sign_in(eyes: Eyes, person: TrialPerson, password: str) -> None:
    """Sign in as the page is open."""
    page = eyes.page
    await page.get_by_label("Número de documento de identidad").fill(person.dni)
    await page.get_by_label("Contraseña", exact=True).fill(password)
    await pass_check(page)
    await page.get_by_role("button", name="Ingresar", exact=True).click()


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


async def test_somebody_registers_and_recovers_their_password_by_mail(opens: Opens, counter: Stack) -> None:
    person = newcomer()
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/registro")
        await eyes.look("register")
        await fill_person(page, person, day="31", month="2")
        await press(page, "Continuar")
        await expect(page.get_by_role("alert")).to_be_focused()
        await eyes.look("register-refused")
        await page.get_by_role("alert").get_by_role("link").click()
        await expect(page.get_by_label("Día")).to_be_focused()
        await page.get_by_label("Mes").select_option("3")
        await press(page, "Continuar")

        await expect(page.get_by_role("heading", level=1)).to_have_text("Cree su cuenta: contacto y contraseña")
        await page.get_by_label("Correo electrónico").fill(person.email)
        await page.go_back()
        await expect(page.get_by_label("Nombres")).to_have_value(person.given_names)
        await press(page, "Continuar")
        await expect(page.get_by_label("Correo electrónico")).to_have_value(person.email)
        await page.get_by_label("Celular").fill(person.mobile)
        await page.get_by_label("Contraseña", exact=True).fill("corta")
        await pass_check(page)
        await press(page, "Registrar")
        await expect(page.get_by_role("alert")).to_be_focused()
        await eyes.look("register-contact-refused")
        await page.get_by_label("Contraseña", exact=True).fill(person.password)
        await page.get_by_text("Comprobado", exact=True).wait_for()
        await press(page, "Registrar")

        await page.wait_for_url("**/registro/codigo?nueva")
        await page.get_by_label("Código del correo").fill("00000000")
        await press(page, "Confirmar")
        await expect(page.get_by_role("alert")).to_be_focused()
        await eyes.look("verify-refused")
        await page.get_by_label("Código del correo").fill(await code_for(counter, person.email, "Confirme su correo"))
        await press(page, "Confirmar")
        await expect(page.get_by_role("heading", name="Su correo está confirmado")).to_be_focused()
        await eyes.look("verified")

        await page.get_by_role("main").get_by_role("link", name="Ingresar").click()
        await page.get_by_role("link", name="Olvidé mi contraseña").click()
        await page.get_by_role("heading", name="Recupere su contraseña").wait_for()
        await page.get_by_label("Número de documento de identidad").fill(person.dni)
        await pass_check(page)
        await eyes.look("recover")
        await press(page, "Continuar")
        await page.wait_for_url("**/recuperar/codigo")
        await page.get_by_label("Código de restauración").fill(await code_for(counter, person.email, "Código para"))
        await page.get_by_label("Contraseña nueva").fill(OTHER_PASSWORD)
        await eyes.look("reset")
        await press(page, "Cambiar la contraseña")
        await expect(page.get_by_role("heading", name="Su contraseña cambió")).to_be_focused()
        await page.get_by_role("main").get_by_role("link", name="Ingresar").click()
        await sign_in(eyes, person, OTHER_PASSWORD)
        await page.wait_for_url(f"{eyes.base}/tramites")


async def test_who_lost_the_mailbox_asks_by_personal_data_and_its_holder_can_stop_it(
    opens: Opens, counter: Stack
) -> None:
    person = await registered(counter)
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/recuperar")
        await page.get_by_label("Número de documento de identidad").fill(person.dni)
        await page.get_by_label("Por datos personales").check()
        await press(page, "Continuar")
        await expect(page.get_by_label("Número de documento de identidad")).to_have_value(person.dni)
        await fill_person(page, person)
        await page.get_by_label("Contraseña nueva").fill(OTHER_PASSWORD)
        await page.get_by_label("Cambiar también mi correo o mi celular").check()
        await page.get_by_label("Celular nuevo").fill("912345678")
        await pass_check(page)
        await eyes.look("recover-by-data")
        await press(page, "Pedir el cambio")
        await expect(page.get_by_role("heading", name="Recibimos su pedido")).to_be_focused()
        await eyes.look("recover-by-data-asked")

        await eyes.open("/suplantacion")
        await fill_person(page, newcomer("Ana"), day="")
        await page.get_by_label("Correo electrónico").fill("ana@ciudadana.example")
        await page.get_by_label("Celular").fill("912345678")
        await page.get_by_label("Qué ocurrió").fill("Ya había una cuenta con mi documento.")
        await pass_check(page)
        await eyes.look("claim")
        await press(page, "Enviar el reclamo")
        await expect(page.get_by_role("heading", name="Recibimos su reclamo")).to_be_focused()
        await eyes.look("claimed")

    async with opens(person) as eyes:
        await eyes.open("/cuenta")
        await expect(eyes.page.get_by_text("alguien pidió cambiar la contraseña de su cuenta")).to_be_visible()
        await expect(eyes.page.get_by_text("También cambiaría su celular.")).to_be_visible()
        await eyes.look("account-recovery")


async def test_one_changes_how_one_is_reached_password_notices_and_closes_the_account(
    opens: Opens, counter: Stack
) -> None:
    person = await registered(counter)
    async with opens(person) as eyes:
        page = eyes.page
        await eyes.open("/cuenta")
        await page.get_by_role("heading", name="Cerrar la cuenta").wait_for()
        await eyes.look("account")

        await press(page, "Cambiar el contacto")
        await expect(page.get_by_label("Correo electrónico")).to_be_focused()
        await page.get_by_label("Correo electrónico").fill(f"otra.{person.email}")
        await page.get_by_label("Celular").fill("912 345 678")
        await page.get_by_label("Su contraseña actual").fill("no es esta la contraseña")
        await press(page, "Guardar")
        await expect(page.get_by_role("alert")).to_be_focused()
        await eyes.look("account-contact-refused")
        await page.get_by_label("Su contraseña actual").fill(person.password)
        await press(page, "Guardar")
        await page.get_by_label("Código del correo nuevo").fill(
            await code_for(counter, f"otra.{person.email}", "Confirme su correo nuevo")
        )
        await press(page, "Confirmar")
        await expect(page.get_by_text("Su contacto está actualizado.")).to_be_visible()
        await expect(page.get_by_text(f"otra.{person.email}")).to_be_visible()
        await expect(page.get_by_text("912 345 678")).to_be_visible()

        await press(page, "Cambiar la contraseña")
        await page.get_by_label("Su contraseña actual").fill(person.password)
        await page.get_by_label("Contraseña nueva").fill(OTHER_PASSWORD)
        await press(page, "Cambiar la contraseña")
        changed = page.get_by_role("status").filter(has_text="Su contraseña cambió y se cerraron sus demás sesiones.")
        await expect(changed).to_be_focused()

        await page.get_by_label("Quiero recibir avisos de cortesía").uncheck()
        await expect(page.get_by_text("Guardado.")).to_be_visible()
        await press(page, "Ver qué se guarda")
        await page.get_by_text("Sesiones", exact=False).locator("visible=true").first.wait_for()
        async with page.expect_download() as download:
            await press(page, "Descargar todo (JSON)")
        assert person.dni in (await (await download.value).path()).read_text()
        await eyes.look("account-data")

        await press(page, "Cerrar mi cuenta")
        await page.get_by_label("Su contraseña actual").fill(OTHER_PASSWORD)
        await press(page, "Pedir el cierre")
        await expect(page.get_by_text("Recibimos su pedido de cierre")).to_be_visible()
        await eyes.look("account-closing")
        await press(page, "No cerrar mi cuenta")
        await expect(page.get_by_text("El cierre se detuvo.")).to_be_visible()


async def test_one_ends_the_session_of_another_device(opens: Opens, counter: Stack) -> None:
    person = await registered(counter)
    async with opens() as there, opens(person) as here:
        await there.open("/ingresar?volver=/cuenta")
        await sign_in(there, person, person.password)
        await there.page.get_by_role("heading", name="Sesiones abiertas").wait_for()
        await here.open("/cuenta")
        await here.look("account-sessions")
        await press(here.page, "Cerrar todas las demás")
        await expect(here.page.get_by_text("Sus demás sesiones están cerradas.")).to_be_visible()

        await press(there.page, "Cambiar el contacto")
        await there.page.get_by_label("Celular").fill("911111111")
        await there.page.get_by_label("Su contraseña actual").fill(person.password)
        await press(there.page, "Guardar")
        again = there.page.get_by_role("dialog", name="Ingrese de nuevo, Elena")
        await again.get_by_label("Contraseña", exact=True).fill(person.password)
        await pass_check(there.page)
        await there.look("session-again")
        await again.get_by_role("button", name="Ingresar").click()
        await expect(again).to_be_hidden()
        await press(there.page, "Guardar")
        await expect(there.page.get_by_text("911 111 111")).to_be_visible()


async def test_an_invited_person_sets_up_a_second_factor_and_signs_in_with_a_recovery_code(
    opens: Opens, counter: Stack
) -> None:
    person = await registered(counter, "Marta")
    async with opens(ADMINISTRATOR) as eyes:
        await eyes.open("/cuenta")
        given = {"clientKey": str(uuid4()), "email": person.email, "role": "CLERK", "officeCodes": ["SEDE-CENTRAL"]}
        said = await _ask(eyes.page, INVITE, given)
        assert said["data"]["inviteStaff"]["__typename"] == "InviteStaffSuccess", said
    async with opens(person) as eyes:
        page = eyes.page
        await eyes.open("/invitacion")
        await eyes.look("enrol")
        await page.get_by_label("Su contraseña actual").fill(person.password)
        await press(page, "Continuar")
        await expect(page.get_by_role("heading", name="Agregue esta cuenta a su aplicación")).to_be_focused()
        await eyes.look("enrol-offer")
        seed = (
            await page.get_by_text("Escriba esta clave").locator("xpath=following::strong[1]").inner_text()
        ).replace(" ", "")
        await page.get_by_label("Código que muestra la aplicación").fill(code_of(seed, step_at(now())))
        await press(page, "Activar")
        await expect(page.get_by_role("heading", name="Sus códigos de respaldo")).to_be_focused()
        codes = await page.get_by_role("list", name="Sus códigos de respaldo").get_by_role("listitem").all_inner_texts()
        assert len(set(codes)) == 10
        await eyes.look("recovery-codes")
        await press(page, "Ya los guardé: continuar")
        await page.get_by_label("Código de la invitación").fill("no es este")
        await press(page, "Aceptar la invitación")
        await expect(page.get_by_role("alert")).to_be_focused()
        await eyes.look("invitation-refused")
        await page.get_by_label("Código de la invitación").fill(await code_for(counter, person.email, "Invitación"))
        await press(page, "Aceptar la invitación")
        await page.wait_for_url(f"{eyes.base}/bandeja")

        await press(page, "Cerrar sesión")
        await expect(page.get_by_text("Cerró su sesión.")).to_be_visible()
        await eyes.open("/ingresar?volver=/cuenta")
        await sign_in(eyes, person, person.password)
        await page.wait_for_url("**/ingresar/codigo?volver=%2Fcuenta")
        await page.get_by_label("Código", exact=True).fill("000000")
        await press(page, "Continuar")
        await expect(page.get_by_role("alert")).to_be_focused()
        await eyes.look("code-refused")
        await page.get_by_label("Código", exact=True).fill(codes[0])
        await press(page, "Continuar")
        await expect(page.get_by_text("Le quedan 9 códigos de respaldo.")).to_be_visible()
        await eyes.look("account-staff")


async def _ask(page: Page, document: str, given: dict[str, Any]) -> Any:
    """Ask the API in the name of whoever is signed in here."""
    body = json.dumps({"query": document, "variables": {"input": given}})
    return await page.evaluate(
        """async (body) => (await fetch('/graphql', { method: 'POST', body,
            headers: { 'X-Mesa-Client': 'tests', 'Content-Type': 'application/json' } })).json()""",
        body,
    )


async def test_a_session_that_is_about_to_end_is_told_in_all_windows_and_loses_nothing(
    opens: Opens, counter: Stack
) -> None:
    person = await registered(counter)
    async with opens(person) as eyes:
        page, context = eyes.page, eyes.page.context
        await context.clock.install()
        await eyes.open("/cuenta")
        other = await context.new_page()
        await other.goto(f"{eyes.base}/cuenta")
        await other.get_by_role("heading", name="Sesiones abiertas").wait_for()
        await press(page, "Cambiar el contacto")
        await page.get_by_label("Celular").fill("911111111")
        warning, elsewhere = (
            each.get_by_role("alertdialog", name="Su sesión está por terminar") for each in (page, other)
        )

        await context.clock.fast_forward("24:30")
        await expect(warning).to_be_hidden()
        await context.clock.fast_forward("00:45")
        await expect(warning.get_by_text("Le quedan 5 minutos.")).to_be_visible()
        await expect(elsewhere).to_be_visible()
        await expect(warning.get_by_role("button", name="Seguir conectado")).to_be_focused()
        await eyes.look("session-ending")
        await press(page, "Seguir conectado")
        await expect(warning).to_be_hidden()
        await expect(elsewhere).to_be_hidden()

        await context.clock.fast_forward("30:30")
        await expect(page.get_by_text("Su sesión terminó.", exact=True)).to_be_visible()
        await expect(page.get_by_label("Celular")).to_have_value("911111111")
        await eyes.look("session-ended")
        await page.get_by_role("link", name="Ingresar de nuevo").click()
        again = page.get_by_role("dialog", name="Ingrese de nuevo, Elena")
        await again.get_by_label("Contraseña", exact=True).fill(person.password)
        await pass_check(page)
        async with held(context, "Sessions") as asked:
            await again.get_by_role("button", name="Ingresar").click()
            await asked.wait()
            await expect(page.get_by_text("Su sesión terminó.", exact=True)).to_be_hidden()
            await page.evaluate(DRAWN)
            await expect(warning).to_be_hidden(timeout=1)
        await expect(other.get_by_text("Su sesión terminó.", exact=True)).to_be_hidden()
        await expect(page.get_by_label("Celular")).to_have_value("911111111")

        await press(page, "Cerrar sesión")
        await expect(page.get_by_text("Cerró su sesión.")).to_be_visible()
        await expect(other.get_by_text("Cerró su sesión.")).to_be_visible()
