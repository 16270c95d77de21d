"""Lists that are longer than a page: more of them by keyboard, from where one was."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import expect

from mesadepartes.development import CLERK
from tests.browser.newcomers import registered
from tests.browser.papers import a_pdf

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from mesadepartes.development import TrialPerson
    from tests.browser.conftest import Opens
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_ONCE, AT_THE_DESK = 20, 50
"""So many a list shows at first: of one's own, and of the desk."""
FILED = 52


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def diligent(counter: Stack) -> TrialPerson:
    """Return somebody who has filed more than a page of any list."""
    person, data = await registered(counter, "Pilar"), a_pdf()
    async with counter.signed_in(person) as desk:
        for _ in range(FILED):
            await desk.file(key=str(uuid4()), data=data)
    return person


async def shows_more(page: Page, rows: Locator, shown: int) -> None:
    """Ask for more by keyboard: the first new row has the focus, and how many there are is said."""
    before = await rows.count()
    await page.get_by_role("button", name="Mostrar más").focus()
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(shown)
    await expect(rows.nth(before).get_by_role("link")).to_be_focused()
    await expect(page.get_by_role("status").filter(has_text=f"Ahora se muestran {shown}.")).to_be_attached()


async def test_my_tramites_go_on_from_where_one_was(opens: Opens, diligent: TrialPerson) -> None:
    async with opens(diligent) as eyes:
        page = eyes.page
        await eyes.open("/tramites")
        rows = page.get_by_role("main").get_by_role("listitem")
        await expect(rows).to_have_count(AT_ONCE)
        await expect(page.get_by_text(f"{FILED} trámites", exact=True)).to_be_visible()
        await shows_more(page, rows, 2 * AT_ONCE)
        await eyes.look("mine-more")
        await shows_more(page, rows, FILED)
        await expect(page.get_by_role("button", name="Mostrar más")).to_have_count(0)
        links = await rows.get_by_role("link").evaluate_all("links => links.map((link) => link.href)")
        assert len(set(links)) == FILED


@pytest.mark.usefixtures("diligent")
async def test_the_inbox_goes_on_from_where_one_was(opens: Opens) -> None:
    async with opens(CLERK) as eyes:
        page = eyes.page
        await eyes.open("/bandeja")
        rows = page.get_by_role("region", name="Bandeja").get_by_role("listitem")
        await expect(rows).to_have_count(AT_THE_DESK)
        said = await page.get_by_role("status").filter(has_text="trámites").inner_text()
        await shows_more(page, rows, min(int(said.split()[0].rstrip("+")), 2 * AT_THE_DESK))
        await eyes.look("inbox-more")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("region", name="Trámite MPD")).to_be_visible()
        await page.keyboard.press("k")
        await expect(rows.nth(AT_THE_DESK - 1).get_by_role("link")).to_have_attribute("aria-current", "true")
