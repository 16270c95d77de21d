"""Signing in: as somebody would, with what goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT

if TYPE_CHECKING:
    from tests.browser.conftest import Opens

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_citizen_signs_in_and_comes_back_to_where_they_wanted_to_be(opens: Opens) -> None:
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/ingresar?volver=/presentar")
        await eyes.look("sign-in")
        await page.get_by_label("Número de documento de identidad").fill(APPLICANT.dni)
        await page.get_by_label("Contraseña", exact=True).fill(APPLICANT.password)
        await page.get_by_label("No soy un programa automático").click()
        await expect(page.get_by_text("Comprobado", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Ingresar").click()

        await page.wait_for_url(f"{eyes.base}/presentar")
        await page.reload()
        await expect(page.get_by_role("button", name="Cerrar sesión")).to_be_visible()
        cookies = {each.get("name"): each.get("httpOnly") for each in await page.context.cookies()}
        assert cookies["__Host-mesa"] is True


async def test_a_wrong_password_is_told_in_the_summary_and_costs_one_more_try(opens: Opens) -> None:
    async with opens() as eyes:
        page = eyes.page
        await eyes.open("/ingresar")
        await page.get_by_label("Número de documento de identidad").fill(APPLICANT.dni)
        await page.get_by_label("Contraseña", exact=True).fill("no es esta la contraseña")
        # The box was forgotten: its work is done before anything is sent.
        await page.get_by_role("button", name="Ingresar").click()

        await expect(page.get_by_role("alert")).to_be_focused()
        await expect(page).to_have_title("Error: Ingrese a la mesa de partes – Mesa de Partes Digital")
        # The proof was spent: another is made by itself.
        await expect(page.get_by_text("Comprobado", exact=True)).to_be_visible()
        await eyes.look("sign-in-refused")
        await page.get_by_label("Contraseña", exact=True).fill(APPLICANT.password)
        await page.get_by_role("button", name="Ingresar").click()
        await page.wait_for_url(f"{eyes.base}/tramites")
