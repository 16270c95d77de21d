"""What is decided of people, from both sides: staff who come and go, recoveries, and identities that change hands."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import expect

from mesadepartes.clock import now
from mesadepartes.development import ADMINISTRATOR, SUPERVISOR
from tests.browser.hiring import hired
from tests.browser.newcomers import code_for, fill_person, newcomer, pass_check, registered
from tests.browser.papers import a_pdf
from tests.browser.test_account import OTHER_PASSWORD, press, sign_in
from tests.browser.test_administration import begins
from tests.journeys.stack import until

if TYPE_CHECKING:
    from playwright.async_api import Page

    from mesadepartes.development import TrialPerson
    from tests.browser.conftest import Opens
    from tests.browser.looking import Eyes
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAUSE = timedelta(seconds=61)
"""So long after a code no other is sent."""
SENT_AT = dict[str, datetime]()


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def unproved(counter: Stack) -> TrialPerson:
    """Return somebody who registered before all tests of this file, and has not proved their address."""
    person = await registered(counter, "Justa", is_proved=False)
    SENT_AT[person.dni] = now()
    return person


async def test_a_clerk_is_sent_to_another_office_loses_the_telephone_and_leaves(opens: Opens, counter: Stack) -> None:
    person = await hired(counter, "Nilda")
    async with opens(ADMINISTRATOR) as eyes, opens(person) as clerk:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await clerk.open("/bandeja")
        await eyes.open("/personal")
        member = page.get_by_role("listitem").filter(has_text=person.email)
        await member.get_by_role("button", name="Cargo y dependencias").click()
        await box.get_by_label("Sede Central").uncheck()
        await box.get_by_label("Oficina Regional Sur Oriente Cusco").check()
        await eyes.look("staff-assign")
        await box.get_by_role("button", name="Guardar").click()
        await expect(page.get_by_text("El cargo y las dependencias están guardados.")).to_be_focused()
        await expect(member).to_contain_text("Oficina Regional Sur Oriente Cusco")
        await expect(member).not_to_contain_text("Sede Central")

        await press(page, "Retirar una verificación en dos pasos")
        await box.get_by_label("Número de documento de identidad").fill(person.dni)
        await box.get_by_label("Motivo").fill("Perdió su celular; vi su DNI.")
        await press(page, "Retirar la verificación")
        await expect(page.get_by_text("La verificación se retiró.")).to_be_focused()
        await expect(member).to_contain_text("Sin verificación en dos pasos")
        await eyes.look("staff-reset")
        await recovers(opens, counter, person)

        await member.get_by_role("button", name="Dar de baja").click()
        await box.get_by_label("Motivo").fill("Terminó su contrato.")
        await eyes.look("staff-deactivate")
        await box.get_by_role("button", name="Dar de baja").click()
        await expect(page.get_by_text("La persona está de baja.")).to_be_focused()
        await page.get_by_label("Situación").select_option("De baja")
        await expect(member).to_contain_text("de baja desde el")
        await expect(member.get_by_role("button", name="Volver a incorporar")).to_be_visible()
        await eyes.look("staff-gone")


async def recovers(opens: Opens, counter: Stack, person: TrialPerson) -> None:
    """Set a new password by mail; what staff do waits for a second factor."""
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/recuperar")
        await page.get_by_label("Número de documento de identidad").fill(person.dni)
        await pass_check(page)
        await press(page, "Continuar")
        await page.get_by_label("Código de restauración").fill(await code_for(counter, person.email, "Código para"))
        await page.get_by_label("Contraseña nueva").fill(OTHER_PASSWORD)
        await press(page, "Cambiar la contraseña")
        await page.get_by_role("main").get_by_role("link", name="Ingresar").click()
        await sign_in(eyes, person, OTHER_PASSWORD)
        await expect(page.get_by_role("button", name="Cerrar sesión")).to_be_visible()
        await eyes.open("/bandeja")
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("Bandeja")
        await eyes.look("staff-must-enrol")


async def asks_by_data(eyes: Eyes, person: TrialPerson, password: str) -> str:
    """Ask for a recovery by personal data; return the reference, which is shown once."""
    page = eyes.page
    await eyes.open("/recuperar/datos")
    await fill_person(page, person)
    await page.get_by_label("Contraseña nueva").fill(password)
    await pass_check(page)
    await press(page, "Pedir el cambio")
    await expect(page.get_by_role("heading", name="Recibimos su pedido")).to_be_focused()
    said = await page.get_by_role("main").inner_text()
    found = re.search(r"código de referencia:\s*(\S+)", said)
    assert found, said
    return found[1]


async def test_a_recovery_is_approved_at_the_desk_and_takes_effect_at_once(opens: Opens, counter: Stack) -> None:
    person = await registered(counter, "Saturnina")
    async with opens() as citizen, opens(SUPERVISOR) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        reference = await asks_by_data(citizen, person, OTHER_PASSWORD)
        await eyes.open("/identidades")
        recoveries = page.get_by_role("region", name="Recuperaciones por datos personales")
        await recoveries.get_by_role("button", name=begins(f"Resolver: {person.given_names}")).click()
        await box.get_by_label("Aprobar").check()
        await box.get_by_label("Código de referencia").fill(reference)
        await box.get_by_label("Motivo").fill("Comparé su DNI.")
        await eyes.look("recovery-approve")
        await box.get_by_role("button", name="Resolver").click()
        await expect(page.get_by_text("El pedido está resuelto.")).to_be_focused()
        await recoveries.get_by_label("Situación").select_option("Aplicadas")
        await expect(recoveries.get_by_role("listitem").filter(has_text=person.given_names)).to_be_visible()
        await eyes.look("recovery-approved")
        await citizen.open("/ingresar")
        await sign_in(citizen, person, OTHER_PASSWORD)
        await citizen.page.wait_for_url(f"{citizen.base}/tramites")


async def test_a_recovery_is_stopped_by_the_link_in_the_mail(opens: Opens, counter: Stack) -> None:
    person = await registered(counter, "Zenobia")
    async with opens() as stranger, opens(person) as eyes:
        page = eyes.page
        await asks_by_data(stranger, person, OTHER_PASSWORD)
        await eyes.open("/cuenta")
        await expect(page.get_by_text("alguien pidió cambiar la contraseña de su cuenta")).to_be_visible()
        told = await counter.wait_for_mail(
            lambda mail: person.email in str(mail["To"]) and "Pidieron cambiar" in str(mail["Subject"])
        )
        body = told.get_body(("plain",))
        assert body is not None
        found = re.search(r"/detener/\S+", body.get_content())
        assert found, body.get_content()
        await eyes.open(found[0])
        await eyes.look("recovery-stop")
        await press(page, "Detener el cambio de contraseña")
        await expect(page.get_by_role("heading", name="Pedido detenido")).to_be_visible()
        await eyes.look("recovery-stopped")
        await eyes.open("/cuenta")
        await page.get_by_role("heading", name="Cerrar la cuenta").wait_for()
        await expect(page.get_by_text("alguien pidió cambiar la contraseña de su cuenta")).to_have_count(0)
        await stranger.open("/ingresar")
        await sign_in(stranger, person, OTHER_PASSWORD)
        await expect(stranger.page.get_by_role("alert")).to_be_focused()


async def test_an_identity_is_handed_over_to_whom_it_belongs(opens: Opens, counter: Stack) -> None:
    holder = await registered(counter, "Impostora")
    owner = newcomer("Gregoria")
    async with counter.signed_in(holder) as desk:
        filed = await desk.file(key=str(uuid4()), data=a_pdf())
    async with opens() as citizen, opens(SUPERVISOR) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await citizen.open("/suplantacion")
        await claims(citizen.page, owner, holder)
        reference = await code_for(counter, owner.email, "Recibimos su reclamo")
        await eyes.open("/identidades")
        claimed = page.get_by_role("region", name="Reclamos de identidad")
        await claimed.get_by_role("button", name=begins("Resolver: Gregoria")).click()
        await box.get_by_label("Entregar a quien reclama").check()
        await box.get_by_label("Código de referencia").fill(reference)
        await box.get_by_label("Motivo").fill("El DNI es de ella.")
        await eyes.look("claim-hand-over")
        await box.get_by_role("button", name="Resolver").click()
        await expect(page.get_by_text("El pedido está resuelto.")).to_be_focused()
        await claimed.get_by_label("Situación").select_option("A favor de quien reclama")
        await expect(claimed.get_by_role("listitem").filter(has_text="Gregoria")).to_be_visible()
        await eyes.look("claim-handed-over")

        await citizen.open("/ingresar")
        await sign_in(citizen, holder, holder.password)
        await expect(citizen.page.get_by_role("alert")).to_be_focused()
        await registers_anew(citizen, counter, owner, dni=holder.dni)
        await citizen.open("/ingresar")
        await citizen.page.get_by_label("Número de documento de identidad").fill(holder.dni)
        await citizen.page.get_by_label("Contraseña", exact=True).fill(owner.password)
        await pass_check(citizen.page)
        await press(citizen.page, "Ingresar")
        await expect(citizen.page.get_by_text("Todavía no ha presentado ningún documento.")).to_be_visible()
        assert filed["number"] not in await citizen.page.get_by_role("main").inner_text()


async def claims(page: Page, owner: TrialPerson, holder: TrialPerson) -> None:
    """Claim the identity that somebody else has registered with."""
    await fill_person(page, owner, day="")
    await page.get_by_label("Número de documento de identidad").fill(holder.dni)
    await page.get_by_label("Correo electrónico").fill(owner.email)
    await page.get_by_label("Celular").fill(owner.mobile)
    await page.get_by_label("Qué ocurrió").fill("Ya había una cuenta con mi documento.")
    await pass_check(page)
    await press(page, "Enviar el reclamo")
    await expect(page.get_by_role("heading", name="Recibimos su reclamo")).to_be_focused()


async def registers_anew(eyes: Eyes, counter: Stack, person: TrialPerson, *, dni: str) -> None:
    """Register with the number that was handed over."""
    page = eyes.page
    await eyes.open("/registro")
    await fill_person(page, person)
    await page.get_by_label("Número de documento de identidad").fill(dni)
    await press(page, "Continuar")
    await page.get_by_label("Correo electrónico").fill(person.email)
    await page.get_by_label("Celular").fill(person.mobile)
    await page.get_by_label("Contraseña", exact=True).fill(person.password)
    await pass_check(page)
    await press(page, "Registrar")
    await page.wait_for_url("**/registro/codigo?nueva")
    await page.get_by_label("Código del correo").fill(await code_for(counter, person.email, "Confirme su correo"))
    await press(page, "Confirmar")
    await expect(page.get_by_role("heading", name="Su correo está confirmado")).to_be_focused()


async def test_another_code_is_sent_for_an_address_and_the_first_is_worth_nothing(
    opens: Opens, counter: Stack, unproved: TrialPerson
) -> None:
    [first] = codes_to(counter, unproved)
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/registro/codigo")
        await page.get_by_label("Número de documento de identidad").fill(unproved.dni)
        await page.wait_for_timeout(max(0, (SENT_AT[unproved.dni] + PAUSE - now()).total_seconds() * 1000))
        await press(page, "Enviar otro código")
        await expect(page.get_by_text("le enviamos otro código.")).to_be_visible()
        await eyes.look("verify-again")
        await until(lambda: len(codes_to(counter, unproved)) > 1)
        [second] = set(codes_to(counter, unproved)) - {first}
        await page.get_by_label("Código del correo").fill(first)
        await press(page, "Confirmar")
        await expect(page.get_by_role("alert")).to_be_focused()
        await page.get_by_label("Código del correo").fill(second)
        await press(page, "Confirmar")
        await expect(page.get_by_role("heading", name="Su correo está confirmado")).to_be_focused()


def codes_to(counter: Stack, person: TrialPerson) -> list[str]:
    """Return the codes that were sent to somebody to prove their address."""
    bodies = [
        body.get_content()
        for mail in counter.sent_mails()
        if person.email in str(mail["To"])
        and str(mail["Subject"]).startswith("Confirme su correo")
        and (body := mail.get_body(("plain",)))
    ]
    return [code for body in bodies for code in re.findall(r"^ {4}(\d{8})\s*$", body, re.MULTILINE)]
