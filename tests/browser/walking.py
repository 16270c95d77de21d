"""A person on their way through the pages: one action after the other, counted; and the ways that everybody goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.async_api import expect

from tests.browser.newcomers import BORN, code_for, pass_check

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from playwright.async_api import Page

    from mesadepartes.development import TrialPerson
    from tests.journeys.stack import Stack

FILED = re.compile(r"/tramites/MPD-\d{4}-\d{6}-.\?presentado$")
MIDDLE = re.compile(r"\([1-9]\d %\)")
SLOW_BYTES = 1_000_000


class Walker:
    """A person who does one thing after the other; what is typed into a field counts as one."""

    def __init__(self, page: Page, *, is_touch: bool = False) -> None:
        self.page = page
        self.actions = 0
        self._is_touch = is_touch

    async def press(self, role: Any, name: str, *, place: str = "main", is_exact: bool = False) -> None:
        """Press a link or a button, in the contents of the page or elsewhere."""
        wanted = self.page.get_by_role(place).get_by_role(role, name=name, exact=is_exact).first  # pyright: ignore[reportArgumentType]
        await self._do(wanted.tap() if self._is_touch else wanted.click())

    async def tick(self, label: str) -> None:
        """Tick a box, or choose one of several."""
        await self._do(self.page.get_by_label(label).check())

    async def type(self, label: str, text: str) -> None:
        """Type into a field."""
        await self._do(self.page.get_by_label(label, exact=True).fill(text))

    async def check(self) -> None:
        """Have the browser prove that it works."""
        await self._do(pass_check(self.page))

    async def select(self, label: str, choice: str) -> None:
        """Choose from a list."""
        await self._do(self.page.get_by_label(label).select_option(label=choice))

    async def attach(self, label: str, path: Path) -> None:
        """Choose a file: the button, and then the file in the window of the system."""
        self.actions += 1
        await self._do(self.page.get_by_label(label).set_input_files(path))

    async def arrives(self, heading: str) -> None:
        """Wait until a page is there, and has taken the focus."""
        await expect(self.page.get_by_role("heading", name=heading)).to_be_focused()

    async def _do(self, deed: Awaitable[Any]) -> None:
        self.actions += 1
        await deed


def main_file(page: Page) -> Any:
    """Return the place of the main document."""
    return page.get_by_role("group", name="Documento principal")


async def registers(walker: Walker, counter: Stack, person: TrialPerson) -> None:
    """Register in two steps, prove the address, and go on to the sign-in."""
    await walker.arrives("Cree su cuenta: sus datos")
    await walker.type("Número de documento de identidad", person.dni)
    await walker.type("Nombres", person.given_names)
    await walker.type("Apellido paterno", person.first_surname)
    await walker.type("Apellido materno (opcional)", person.second_surname)
    await walker.type("Día", BORN[8:])
    await walker.select("Mes", "Marzo")
    await walker.type("Año", BORN[:4])
    await walker.press("button", "Continuar")
    await walker.arrives("Cree su cuenta: contacto y contraseña")
    await walker.type("Correo electrónico", person.email)
    await walker.type("Celular", person.mobile)
    await walker.type("Contraseña", person.password)
    await walker.check()
    await walker.press("button", "Registrar")
    await walker.arrives("Confirme su correo")
    await walker.type("Código del correo", await code_for(counter, person.email, "Confirme su correo"))
    await walker.press("button", "Confirmar")
    await walker.arrives("Su correo está confirmado")
    await walker.press("link", "Ingresar")


async def signs_in(walker: Walker, dni: str, password: str) -> None:
    """Sign in; the number is typed unless the page knows it already."""
    await walker.arrives("Ingrese a la mesa de partes")
    number = walker.page.get_by_label("Número de documento de identidad")
    if await number.input_value() != dni:
        await walker.type("Número de documento de identidad", dni)
    await walker.type("Contraseña", password)
    await walker.check()
    await walker.press("button", "Ingresar")


async def fills_in(walker: Walker, subject: str, *, office: str = "Oficina Regional Lima", folios: str = "1") -> None:
    """Fill in the first step of a filing."""
    await walker.arrives("Datos del documento")
    await walker.select("Dependencia de destino", office)
    await walker.tick("Solicitud")
    await walker.type("Número de folios", folios)
    await walker.type("Asunto", subject)
    await walker.press("button", "Continuar")
    await walker.arrives("Archivos")


async def attaches(walker: Walker, main: Path) -> None:
    """Choose the main document, and wait until the counter has it."""
    await walker.attach("Documento principal: Elegir archivo", main)
    await expect(main_file(walker.page)).to_contain_text("Recibido")


async def reviews(walker: Walker) -> None:
    """Go on to the review."""
    await walker.press("button", "Continuar")
    await walker.arrives("Revise antes de enviar")


async def asks_to_send(walker: Walker) -> None:
    """Accept the policy, and send; one is asked once more."""
    await walker.tick("Acepto la política de privacidad")
    await walker.press("button", "Enviar")
    await expect(walker.page.get_by_role("dialog", name="¿Enviar el documento?")).to_be_visible()


async def confirms(walker: Walker) -> str:
    """Confirm, and return the number of the trámite."""
    await walker.press("button", "Sí, enviar", place="dialog")
    await walker.page.wait_for_url(FILED)
    await walker.arrives("Documento presentado")
    return walker.page.url.split("/")[-1].split("?")[0]
