"""The page behind a receipt's QR code, in a real browser: files are compared there, and never leave it."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import async_playwright, expect

from actions.receipt_heads import publish_heads
from actions.sealing import read_receipt, seal_outstanding
from models.receipts import Receipt
from tests.api import make_feed, served
from tests.counter import PDF

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from playwright.async_api import FileChooser, Page, Request

    from tests.counter import Counter
    from tests.servers.postgres import Database

CHROMIUM = "/usr/bin/chromium"
INSECURE = "mesa.test"
"""A name of this machine to the browser, which trusts only what is called localhost without a certificate."""

OTHER = b"%PDF-1.7\n% another document\n%%EOF\n"


@dataclass
class Visit:
    """A page of a receipt, and what the browser asked for and complained about."""

    page: Page
    receipt: Receipt
    requests: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])

    async def compare(self, *files: Path) -> str:
        """Choose files; return what is told of them."""
        self.requests.clear()
        await self.page.locator("#file").set_input_files([str(each) for each in files])
        await expect(self.page.locator("#told li")).to_have_count(len(files), timeout=30_000)
        return await self.page.locator("#told").inner_text()


@asynccontextmanager
async def visiting(
    counter: Counter, database: Database, *, data: bytes = PDF, host: str = "127.0.0.1", **options: Any
) -> AsyncGenerator[Visit]:
    """Open the page of a sealed receipt whose head is published."""
    maria = await counter.register()
    upload = await counter.upload(maria, data=data)
    tramite = await counter.file(maria, main_upload=upload.id)
    await seal_outstanding(counter.tools)
    counter.clock.at = datetime(2026, 3, 10, 5, 10, tzinfo=UTC)
    assert await publish_heads(counter.tools) == 1
    receipt = await Receipt.get(tramite_id=tramite.id)
    async with served(counter, make_feed(database)) as api, async_playwright() as playwright:
        port = api.http.base_url.port
        rules = f"--host-resolver-rules=MAP {INSECURE} 127.0.0.1"
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", rules])
        page = await (await browser.new_context(**options)).new_page()
        visit = Visit(page, receipt)

        def note(request: Request) -> None:
            visit.requests.append(request.url)

        page.on("request", note)
        page.on("console", lambda message: visit.complaints.append(message.text))
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        answer = await page.goto(f"http://{host}:{port}/verificar/{receipt.verification_code}")
        assert answer is not None
        assert answer.status == 200
        yield visit
        await browser.close()


def saved(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


async def test_a_file_is_told_from_any_other_and_nothing_is_sent(
    counter: Counter, database: Database, tmp_path: Path
) -> None:
    async with visiting(counter, database) as visit:
        sealed = await read_receipt(counter.tools, visit.receipt)

        filed = await visit.compare(saved(tmp_path, "lo presentado.pdf", PDF))
        same = await visit.compare(saved(tmp_path, "constancia.pdf", sealed))
        flipped = await visit.compare(saved(tmp_path, "alterada.pdf", sealed[:-1] + b"\0"))
        other = await visit.compare(saved(tmp_path, "otro.pdf", OTHER))
        all_at_once = await visit.compare(tmp_path / "otro.pdf", tmp_path / "constancia.pdf")

        assert "lo presentado.pdf\nCoincide con el archivo 1 de la constancia.\nSHA-256: " in filed
        assert visit.receipt.facts["files"][0]["sha256"] in filed
        assert "Coincide con esta constancia: es el PDF sellado, sin ningún cambio." in same
        assert "No coincide con ninguno de los archivos" in flipped
        assert "No coincide con ninguno de los archivos" in other
        assert re.findall(r"^(?:No coincide|Coincide)", all_at_once, re.MULTILINE) == ["No coincide", "Coincide"]
        assert (visit.requests, visit.complaints) == ([], [])


async def test_a_file_of_20_mb_is_compared(counter: Counter, database: Database, tmp_path: Path) -> None:
    large = PDF + bytes(20 * 2**20 - len(PDF))
    async with visiting(counter, database, data=large) as visit:
        same = await visit.compare(saved(tmp_path, "grande.pdf", large))
        other = await visit.compare(saved(tmp_path, "casi.pdf", large[:-1] + b"\1"))

        assert "Coincide con el archivo 1" in same
        assert "No coincide" in other
        assert visit.requests == []


DROP = """(data) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([data], "<b>soltado</b>.pdf"));
    document.body.dispatchEvent(
        new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


async def test_a_file_may_be_dropped_and_its_name_is_shown_as_it_is(counter: Counter, database: Database) -> None:
    async with visiting(counter, database) as visit:
        await visit.page.evaluate(DROP, PDF.decode())

        result = visit.page.locator("#told li")
        await expect(result).to_contain_text("Coincide con el archivo 1")
        await expect(result.locator("strong")).to_have_text("<b>soltado</b>.pdf")
        assert visit.complaints == []


async def test_the_keyboard_is_enough_and_results_are_announced(
    counter: Counter, database: Database, tmp_path: Path
) -> None:
    async with visiting(counter, database) as visit:
        await visit.page.locator("#file").wait_for()
        # Heard from now on, well before the key that opens it: the browser takes its time to begin to tell.
        opened: asyncio.Future[FileChooser] = asyncio.get_running_loop().create_future()
        visit.page.once("filechooser", lambda chooser: opened.set_result(chooser))
        for _ in range(20):
            await visit.page.keyboard.press("Tab")
            if await visit.page.evaluate("document.activeElement.id") == "file":
                break
        await visit.page.keyboard.press("Enter")
        await (await asyncio.wait_for(opened, 30)).set_files(str(saved(tmp_path, "a.pdf", PDF)))

        told = visit.page.get_by_role("status")
        await expect(told).to_contain_text("Coincide con el archivo 1")
        assert await told.get_attribute("aria-live") == "polite"
        assert await visit.page.get_by_label("Archivo que quiere comprobar").get_attribute("id") == "file"


async def test_without_scripts_the_page_says_all_but_does_not_compare(counter: Counter, database: Database) -> None:
    async with visiting(counter, database, java_script_enabled=False) as visit:
        said = await visit.page.inner_text("main")

        assert visit.receipt.content_id is not None
        for shown in (
            visit.receipt.content_id,
            visit.receipt.facts["files"][0]["sha256"],
            "la cabeza del 09/03/2026, con 1 constancia, que se publicó el 10/03/2026.",
            "su navegador debe permitir JavaScript",
        ):
            assert shown in said
        assert not await visit.page.locator("#compare").is_visible()
        names = ["Prueba de esta constancia", "Cabezas publicadas en 2026", "Certificado del sello"]
        assert await visit.page.locator("main li a").all_inner_texts() == names


async def test_the_links_lead_to_the_files(counter: Counter, database: Database) -> None:
    async with visiting(counter, database) as visit:
        links = await visit.page.locator("main li a").all()

        urls = [f"{await visit.page.evaluate('location.origin')}{await link.get_attribute('href')}" for link in links]
        answers = [await visit.page.request.get(url) for url in urls]

        assert [answer.status for answer in answers] == [200, 200, 200]


async def test_where_the_browser_cannot_compare_it_says_why(counter: Counter, database: Database) -> None:
    async with visiting(counter, database, host=INSECURE) as visit:
        told = visit.page.locator("#told")

        await expect(told).to_contain_text("conexión segura (https)")
        assert await visit.page.locator("#file").is_disabled()


CONTRAST = """() => {
    const light = (colour) => {
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const behind = (element) => {
        const colour = getComputedStyle(element).backgroundColor;
        return colour === "rgba(0, 0, 0, 0)" && element.parentElement ? behind(element.parentElement) : colour;
    };
    return [...document.querySelectorAll("h1, h2, p, dt, dd, code, a, label, strong, b")].map((element) => {
        const [low, high] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => a - b);
        return [element.tagName, element.textContent.slice(0, 20), (high + 0.05) / (low + 0.05)];
    });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
async def test_everything_is_legible_by_day_and_night_on_any_screen(
    counter: Counter, database: Database, tmp_path: Path, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    async with visiting(counter, database, color_scheme=scheme, viewport=size) as visit:
        await visit.compare(saved(tmp_path, "a.pdf", PDF), saved(tmp_path, "otro.pdf", OTHER))

        faint = [each for each in await visit.page.evaluate(CONTRAST) if each[2] < 4.5]
        overflow = await visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        paper = await visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

        assert (faint, overflow <= 0) == ([], True)
        assert (paper == "rgb(247, 244, 238)") is (scheme == "light")
