"""What supervisors and administrators decide: each change as somebody makes it, with what goes wrong on the way."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import expect

from mesadepartes.clock import now
from mesadepartes.development import ADMINISTRATOR, APPLICANT, AUDITOR, SUPERVISOR
from tests.browser.newcomers import BORN, code_for, registered
from tests.journeys.stack import proof

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Locator, Page

    from tests.browser.conftest import Opens
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

STALE = "Otra persona cambió esto mientras usted escribía."
TEMPLATES = "{ templates(first: 100) { edges { node { id title version } } } }"
ADMINISTRATION = "{ administration { policyVersion offices { code version } } }"
REASON = "Comparé su DNI."
CHANGES = re.compile("Cambiar|Retirar|Crear|Invitar|Agregar|Declarar|Activar|Nueva")
MUTATION = "mutation($input: %sInput!) { %s(input: $input) { __typename ... on Refusal { message } } }"


async def test_a_template_is_written_and_changed_by_two_at_once(opens: Opens) -> None:
    async with opens(SUPERVISOR) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await eyes.open("/plantillas")
        await press(page, "Nueva plantilla")
        await eyes.look("template-new")
        await press(box, "Guardar")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("template-refused")
        await box.get_by_label("Atención").check()
        await box.get_by_label("Nombre").fill("Copia certificada")
        await box.get_by_label("Texto").fill("Recoja su copia en la ventanilla 3.")
        await press(box, "Guardar")
        await expect(page.get_by_text("La plantilla se guardó.")).to_be_focused()

        await press(page, "Cambiar: Copia certificada")
        await box.get_by_label("Texto").fill("Recoja su copia en la ventanilla 4.")
        edges = (await ask(page, TEMPLATES))["templates"]["edges"]
        [mine] = [each["node"] for each in edges if each["node"]["title"] == "Copia certificada"]
        given = {"clientKey": str(uuid4()), "id": mine["id"], "expectedVersion": 1, "kind": "ANSWER"}
        await do(page, "saveTemplate", given | {"title": "Copia certificada", "text": "Recójala en la ventanilla 5."})
        await press(box, "Guardar")
        await expect(box.get_by_role("alert")).to_contain_text(STALE)
        await expect(box.get_by_role("alert")).to_contain_text("Recójala en la ventanilla 5.")
        await expect(box.get_by_label("Texto")).to_have_value("Recoja su copia en la ventanilla 4.")
        await eyes.look("template-changed-meanwhile")
        await press(box, "Guardar")
        await expect(page.get_by_text("La plantilla se guardó.")).to_be_focused()

        await page.get_by_text("Qué decía antes").click()
        await expect(page.get_by_text("Recoja su copia en la ventanilla 3.")).to_be_visible()
        await eyes.look("templates")
        await press(page, "Retirar: Copia certificada")
        await press(box, "Retirar")
        await expect(page.get_by_text("No hay plantillas en uso.")).to_be_visible()
        await page.get_by_label("También las retiradas").check()
        await expect(page.get_by_role("heading", name="Copia certificada")).to_be_visible()


async def test_staff_are_invited_and_an_auditor_only_reads(opens: Opens, counter: Stack) -> None:
    async with opens(ADMINISTRATOR) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await eyes.open("/personal")
        await expect(page.get_by_text("Es usted. Su cargo lo cambia otro administrador.")).to_be_visible()
        await press(page, "Invitar a una persona")
        await box.get_by_label("Correo electrónico").fill("nueva@entidad.example")
        await press(box, "Enviar la invitación")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("staff-invite-refused")
        await page.keyboard.press("Escape")
        await press(page, "Invitar a una persona")
        await expect(box.get_by_label("Correo electrónico")).to_have_value("nueva@entidad.example")
        await box.get_by_label("Sede Central").check()
        await press(box, "Enviar la invitación")
        await expect(page.get_by_text("La invitación está en camino.")).to_be_focused()
        assert await code_for(counter, "nueva@entidad.example", "Invitación")
        await eyes.look("staff")

        await press(page, "Retirar: nueva@entidad.example")
        await press(box, "Retirar")
        await expect(page.get_by_text("No hay invitaciones en espera.")).to_be_visible()
        await press(page, "Cargo y dependencias: Julio Huamán Ríos")
        await expect(box.get_by_label("Sede Central")).to_be_checked()
        await box.get_by_label("Sede Central").uncheck()
        await press(box, "Guardar")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("staff-assign-refused")
        await press(box, "Cancelar")
        await press(page, "Retirar una verificación en dos pasos")
        await box.get_by_label("Número de documento de identidad").fill("70999999")
        await box.get_by_label("Motivo").fill("Perdió su celular.")
        await press(box, "Retirar la verificación")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("staff-reset-refused")
        await press(box, "Cancelar")
        await page.get_by_label("Situación").select_option("De baja")
        await expect(page.get_by_text("No hay nadie con este filtro.")).to_be_visible()

    async with opens(AUDITOR) as eyes:
        for path in ("/personal", "/plantillas", "/sedes", "/calendario", "/reglas", "/conservacion", "/programas"):
            await eyes.open(path)
            await expect(eyes.page.get_by_role("status").first).to_be_attached()
            await expect(eyes.page.get_by_role("main").get_by_role("button", name=CHANGES)).to_have_count(0)


async def test_offices_are_added_renamed_moved_and_retired(opens: Opens) -> None:
    async with opens(ADMINISTRATOR) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await eyes.open("/sedes")
        await press(page, "Agregar una dependencia")
        await box.get_by_label("Nombre").fill("Oficina de Prueba")
        await box.get_by_label("Código").fill("con espacios")
        await press(box, "Agregar")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("office-refused")
        await box.get_by_label("Código").fill("PRUEBA")
        await press(box, "Agregar")
        await expect(page.get_by_text("La dependencia se agregó.")).to_be_focused()

        await press(page, "Renombrar: Oficina de Prueba")
        await box.get_by_label("Nombre").fill("Oficina Mía")
        version = await version_of(page, "PRUEBA")
        await do(page, "renameOffice", {"code": "PRUEBA", "name": "Oficina Ajena", "expectedVersion": version})
        await press(box, "Guardar el nombre")
        await expect(box.get_by_role("alert")).to_contain_text("Oficina Ajena")
        await expect(box.get_by_label("Nombre")).to_have_value("Oficina Mía")
        await eyes.look("office-changed-meanwhile")
        await press(box, "Guardar el nombre")
        await expect(page.get_by_role("heading", name="Oficina Mía")).to_be_visible()

        await press(page, "Cambiar el orden")
        up = box.get_by_role("button", name=begins("Subir: Oficina Mía"))
        await up.focus()
        await page.keyboard.press("Enter")
        await expect(up).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(box.get_by_role("status")).to_contain_text("Oficina Mía: lugar")
        await eyes.look("office-order")
        await press(box, "Guardar el orden")
        await expect(page.get_by_text("El orden está guardado.")).to_be_focused()
        names = await page.get_by_role("main").get_by_role("heading", level=2).all_inner_texts()
        assert names.index("Oficina Mía") == len(names) - 3
        await press(page, "Horario: Oficina Mía")
        await box.get_by_label("Rige desde").fill("2026-01-01")
        await press(box, "Guardar el horario")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("office-hours-refused")
        await box.get_by_label("Rige desde").fill("2090-01-02")
        await box.get_by_label("Cierra a las").fill("17:00")
        await press(box, "Guardar el horario")
        await expect(page.get_by_text("Desde el 2 ene. 2090")).to_be_visible()
        await press(page, "Retirar: Oficina Mía")
        await press(box, "Retirar")
        await expect(page.get_by_text("La dependencia ya no recibe documentos.")).to_be_focused()
        await eyes.look("offices")
        assert "Oficina Mía" not in await destinations(opens)
        await press(page, "Reabrir: Oficina Mía")
        await eyes.look("office-reopen")
        await press(box, "Reabrir")
        await expect(page.get_by_text("La dependencia recibe documentos otra vez.")).to_be_focused()
        assert "Oficina Mía" in await destinations(opens)
        await press(page, "Retirar: Oficina Mía")  # as other tests expect it
        await press(box, "Retirar")
        await expect(page.get_by_role("button", name=begins("Reabrir: Oficina Mía"))).to_be_visible()


async def destinations(opens: Opens) -> str:
    """Return what a citizen reads of where a document may be addressed to."""
    async with opens(APPLICANT) as eyes:
        await eyes.open("/horario")
        return await eyes.page.get_by_role("main").inner_text()


async def test_days_are_declared_one_by_one_and_by_a_file(opens: Opens, tmp_path: Path) -> None:
    year = now().year + 1  # Far enough from today that no term of other tests reaches it.
    (tmp_path / "dias.csv").write_text("date,name,source,office,closed\n2089-03-02,Día de la entidad,RD 5-2089,,yes\n")
    async with opens(ADMINISTRATOR) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await eyes.open("/calendario")
        await press(page, "Declarar días")
        await box.get_by_label("Nombre del día").fill("Aniversario")
        await press(box, "Otro día más")
        await press(box, "Declarar")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("calendar-refused")
        await press(box, "Quitar el último")
        await box.get_by_label("Fecha").fill(f"{year}-11-03")
        await box.get_by_label("Sustento legal").fill("RD 5-2026")
        await press(box, "Declarar")
        await expect(page.get_by_text("Los días están declarados.")).to_be_focused()
        await press(page, f"Ver {year}")
        await expect(page.get_by_text("Aniversario")).to_be_visible()

        await press(page, "Importar un archivo")
        await box.get_by_label("Contenido").fill("esto no es un calendario")
        await press(box, "Importar")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("calendar-file-refused")
        await box.get_by_label("Elegir el archivo").set_input_files(tmp_path / "dias.csv")
        await expect(box.get_by_label("Contenido")).to_have_value(re.compile("Día de la entidad"))
        await press(box, "Importar")
        await expect(page.get_by_text("Los días del archivo están declarados.")).to_be_focused()
        await page.get_by_text("Ver las versiones del calendario").click()
        await expect(page.get_by_text("Aniversario").last).to_be_visible()
        await eyes.look("calendar")


async def test_rules_are_changed_in_part_and_from_a_day_on(opens: Opens) -> None:
    async with opens(ADMINISTRATOR) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await eyes.open("/reglas")
        await press(page, "Cambiar: Cuotas y borradores")
        await box.get_by_label("Días que dura un borrador").fill("0")
        await press(box, "Guardar")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("policy-refused")
        await box.get_by_label("Días que dura un borrador").fill("31")
        version = (await ask(page, ADMINISTRATION))["administration"]["policyVersion"]
        await do(page, "changeCounterPolicy", {"expectedVersion": version, "draftDays": 32})
        await press(box, "Guardar")
        await expect(box.get_by_role("alert")).to_contain_text(STALE)
        await expect(box.get_by_label("Días que dura un borrador")).to_have_value("31")
        await eyes.look("policy-changed-meanwhile")
        await press(box, "Guardar")
        await expect(page.get_by_text("El cambio está guardado.")).to_be_focused()
        await expect(page.get_by_text("31 días", exact=True)).to_be_visible()

        await press(page, "Cambiar: Archivos que no se reciben")
        await expect(box.get_by_label("El antivirus encontró algo dañino")).to_be_checked()
        await eyes.look("policy-findings")
        await press(box, "Cancelar")
        await press(page, "Cambiar: Fecha de presentación")
        await box.get_by_label("Pasada la hora de cierre").check()
        await box.get_by_label("Rige desde").fill("2090-01-02")
        await press(box, "Guardar")
        await expect(page.get_by_text("Desde el 2 de enero de 2090:")).to_be_visible()
        await page.get_by_text("Versiones de estas reglas").click()
        await page.get_by_text("Cambios de dependencias, calendario, reglas y programas").click()
        await expect(page.get_by_text("Víctor Condori Paz").first).to_be_visible()
        await eyes.look("policies")


async def test_erasing_is_warned_of_and_a_period_is_set(opens: Opens) -> None:
    async with opens(ADMINISTRATOR) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await eyes.open("/conservacion")
        await press(page, "Activar el borrado")
        await expect(box).to_contain_text("Lo que se borra no vuelve")
        await eyes.look("retention-warned")
        await press(box, "Activar el borrado")
        await expect(page.get_by_text("El cambio está guardado.")).to_be_focused()
        await expect(page.get_by_text("Cada día se borra lo que pasó su plazo.")).to_be_visible()
        await eyes.look("retention-on")
        await press(page, "Desactivar el borrado")
        await press(box, "Desactivar el borrado")
        await expect(page.get_by_role("button", name="Activar el borrado", exact=True)).to_be_visible()
        change = page.get_by_role("button", name=begins("Cambiar: Tareas"))
        await change.click()
        await box.get_by_label("Días", exact=True).fill("1")
        await press(box, "Guardar")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("retention-refused")
        await box.get_by_label("Días", exact=True).fill("1500")
        await press(box, "Guardar")
        await expect(page.get_by_text("El cambio está guardado.")).to_be_focused()
        await page.get_by_text("Cambios anteriores").click()
        await expect(page.get_by_text("1500 días").last).to_be_visible()
        await eyes.look("retention")


async def test_a_program_is_let_in_and_out(opens: Opens) -> None:
    async with opens(ADMINISTRATOR) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await eyes.open("/programas")
        await press(page, "Crear un permiso")
        await press(box, "Crear")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("program-refused")
        await box.get_by_label("Nombre").fill("Tablero de la gerencia")
        await box.get_by_label("Todas las dependencias").check()
        await press(box, "Crear")
        await expect(page.get_by_text("no se puede ver de nuevo")).to_be_visible()
        await expect(box.get_by_role("heading")).to_have_text("El permiso «Tablero de la gerencia» está creado")
        await eyes.look("program-told")
        await press(box, "Ya lo guardé")
        await expect(page.get_by_text("nunca usado")).to_be_visible()
        await press(page, "Retirar: Tablero de la gerencia")
        await press(box, "Retirar")
        await expect(page.get_by_text("El permiso ya no vale.")).to_be_focused()
        await eyes.look("programs")


async def test_a_recovery_and_a_claim_are_decided(opens: Opens, counter: Stack) -> None:
    person = await registered(counter, "Irma")
    identity = {"identityKind": "DNI", "identityNumber": person.dni, "givenNames": person.given_names}
    names = identity | {"firstSurname": person.first_surname, "secondSurname": person.second_surname}
    async with opens(SUPERVISOR) as eyes:
        page, box = eyes.page, eyes.page.get_by_role("dialog")
        await eyes.open("/identidades")
        more = {"birthDate": BORN, "newPassword": "otra frase que nadie adivina", "proof": await a_proof(counter)}
        await do(page, "requestRecoveryByData", names | more)
        told = {"email": "ana@ciudadana.example", "mobile": "912345678", "statement": "Ya había una cuenta con mi DNI."}
        await do(page, "claimIdentity", names | told | {"givenNames": "Anahí", "proof": await a_proof(counter)})
        await page.reload()
        await expect(page.get_by_text("Ya había una cuenta con mi DNI.").first).to_be_visible()
        await eyes.look("identities")

        await press(page, f"Resolver: {person.given_names}")
        await box.get_by_label("Aprobar").check()
        await box.get_by_label("Código de referencia").fill("NO-ES-ESTE")
        await box.get_by_label("Motivo").fill(REASON)
        await press(box, "Resolver")
        await expect(box.get_by_role("alert")).to_be_focused()
        await eyes.look("recovery-refused")
        await box.get_by_label("Rechazar").check()
        await press(box, "Resolver")
        await expect(page.get_by_text("El pedido está resuelto.")).to_be_focused()
        claims = page.get_by_role("region", name="Reclamos de identidad")
        await press(claims, "Resolver: Anahí")
        await eyes.look("claim-decided")
        await box.get_by_label("Motivo").fill(REASON)
        await press(box, "Resolver")
        await expect(claims.get_by_role("button", name=begins("Resolver: Anahí"))).to_have_count(0)
        # Another claim of what was decided a moment ago suspends nothing by itself.
        await do(page, "claimIdentity", names | told | {"givenNames": "Anahí", "proof": await a_proof(counter)})
        await page.reload()
        await press(claims, "Suspender la cuenta: Anahí")
        await press(box, "Suspender la cuenta")
        await expect(claims.get_by_text("Cuenta suspendida")).to_be_visible()
        await claims.get_by_label("Situación").select_option("A favor del titular")
        await expect(claims.get_by_text(REASON).first).to_be_visible()


async def press(within: Page | Locator, name: str) -> None:
    """Press the button whose name begins so; what only a screen reader says of it stands after a blank."""
    await within.get_by_role("button", name=begins(name)).first.click()


def begins(name: str) -> re.Pattern[str]:
    """Return what finds a name that begins so."""
    return re.compile("^" + re.escape(name).replace(":", " ?:"))


async def version_of(page: Page, code: str) -> int:
    """Return the version of an office."""
    offices = (await ask(page, ADMINISTRATION))["administration"]["offices"]
    [found] = [each["version"] for each in offices if each["code"] == code]
    return found


async def ask(page: Page, document: str, given: dict[str, Any] | None = None) -> Any:
    """Ask the API in the name of whoever is signed in here, as another window would."""
    body = json.dumps({"query": document, "variables": {"input": given}})
    said = await page.evaluate(
        """async (body) => (await fetch('/graphql', { method: 'POST', body,
            headers: { 'X-Mesa-Client': 'tests', 'Content-Type': 'application/json' } })).json()""",
        body,
    )
    assert "errors" not in said, said
    return said["data"]


async def do(page: Page, name: str, given: dict[str, Any]) -> None:
    """Do a mutation, which must succeed."""
    said = await ask(page, MUTATION % (name[0].upper() + name[1:], name), given)
    assert said[name]["__typename"].endswith("Success"), said


async def a_proof(counter: Stack) -> str:
    """Return an answer to the security check."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{counter.http_port}") as http:
        return await proof(http)
