"""
The pages' weight and speed in Debian's Chromium, and what Lighthouse says of them.

    python -m benchmarks.web [--no-lighthouse]

Weight is what comes over the line, headers included, with an empty cache and then with a full one. "Usable" is when the
password can be typed on the sign-in page, over 1.6 Mbit/s with 150 ms of delay; the same without a slow line, in the
same run, is the reference. Lighthouse (npm ci in benchmarks/node) runs with its preset for telephones.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

from benchmarks.figures import Figure, parser, run
from benchmarks.graphql_servers import node_program
from mesadepartes.development import APPLICANT
from tests.browser.cookies import cookies_of
from tests.journeys.parts import ROOT
from tests.journeys.stack import Stack, stack_in

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator

    from playwright.async_api import Browser, CDPSession, Page

CHROMIUM = "/usr/bin/chromium"
LIGHTHOUSE = ROOT / "benchmarks" / "node" / "node_modules" / "lighthouse" / "cli" / "index.js"
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
TURNS = 5
FIRST_KB, FIRST_REQUESTS, NEXT_KB, USABLE_SECONDS = 90, 20, 3, 1.5
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
PUBLIC = ("/", "/ingresar")
PRIVATE = ("/presentar", "/tramites/{number}")
LIGHTHOUSE_SECONDS = 180


@dataclass
class Weight:
    """What came over the line while a page was shown."""

    requests: int = 0
    bytes: float = 0


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Start a whole counter, and look at it."""
    with tempfile.TemporaryDirectory(prefix="mesa-web-") as folder:
        async with stack_in(Path(folder)) as stack:
            await stack.serve()
            base = f"http://127.0.0.1:{stack.http_port}"
            async with _browser() as browser:
                figures = await _weight(browser, base) + await _speed(browser, base)
            if arguments.lighthouse:
                figures += await _lighthouse(stack, base)
    return figures


@asynccontextmanager
async def _browser() -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def _window(browser: Browser) -> AsyncGenerator[tuple[Page, CDPSession]]:
    window = await browser.new_context(viewport={"width": 360, "height": 740}, locale="es-PE")
    page = await window.new_page()
    session = await window.new_cdp_session(page)
    await session.send("Network.enable")
    yield page, session
    await window.close()


async def _weight(browser: Browser, base: str) -> list[Figure]:
    figures = list[Figure]()
    for path in PUBLIC:
        async with _window(browser) as (page, session):
            first = await _shown(page, session, base + path)
            again = await _shown(page, session, base + path)
        figures += [
            _at_most(f"{path}: first visit", first.bytes / 1000, "kB", FIRST_KB),
            _at_most(f"{path}: requests of the first visit", first.requests, "requests", FIRST_REQUESTS),
            _at_most(f"{path}: next visit", again.bytes / 1000, "kB", NEXT_KB),
        ]
    return figures


async def _shown(page: Page, session: CDPSession, address: str) -> Weight:
    """Show a page until nothing moves, and return what came over the line meanwhile."""
    weight = Weight()

    def count(event: dict[str, Any]) -> None:
        weight.bytes += event["encodedDataLength"]
        weight.requests += event["encodedDataLength"] > 0

    session.on("Network.loadingFinished", count)
    await page.goto(address, wait_until="networkidle")
    await page.locator("main h1").wait_for()
    session.remove_listener("Network.loadingFinished", count)
    return weight


async def _speed(browser: Browser, base: str) -> list[Figure]:
    """Alternate a slow line and none, each with an empty cache."""
    slow, quick = list[float](), list[float]()
    for _ in range(TURNS):
        slow.append(await _until_usable(browser, base, LINE))
        quick.append(await _until_usable(browser, base, None))
    return [
        _at_most("sign-in usable at 1.6 Mbit/s and 150 ms, median", statistics.median(slow), "s", USABLE_SECONDS),
        Figure("sign-in usable without a slow line, median", statistics.median(quick), "s"),
    ]


async def _until_usable(browser: Browser, base: str, line: dict[str, Any] | None) -> float:
    async with _window(browser) as (page, session):
        if line is not None:
            await session.send("Network.emulateNetworkConditions", line)
        began = time.perf_counter()
        await page.goto(f"{base}/ingresar", wait_until="commit")
        await page.locator("#password").wait_for()
        return time.perf_counter() - began


async def _lighthouse(stack: Stack, base: str) -> list[Figure]:
    if not LIGHTHOUSE.exists() or node_program() is None:
        raise SystemExit("Lighthouse is not there: npm ci in benchmarks/node, or --no-lighthouse")
    async with stack.signed_in(APPLICANT) as rosa:
        number = (await rosa.file(key="11111111-1111-4111-8111-111111111111"))["number"]
    cookies = await cookies_of(base, APPLICANT)
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in cookies)
    figures = list[Figure]()
    for path in (*PUBLIC, *PRIVATE):
        headers = {} if path in PUBLIC else {"Cookie": cookie}
        scores = await _scores(base + path.format(number=number), headers)
        wanted = {name: least for name, least in LEAST.items() if path in PUBLIC or name != "seo"}
        figures += [
            Figure(f"Lighthouse, telephone, {path}: {name}", scores[name], "", f">= {least}", scores[name] >= least)
            for name, least in wanted.items()
        ]
    return figures


async def _scores(address: str, headers: dict[str, str]) -> dict[str, float]:
    """Return Lighthouse's scores of a page, from 0 to 100."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        command = [
            str(node_program()), str(LIGHTHOUSE), address, "--quiet", "--output=json", f"--output-path={told}",
            f"--extra-headers={json.dumps(headers)}", f"--only-categories={','.join(LEAST)}",
            "--chrome-flags=--headless=new --no-sandbox", "--locale=es",
        ]  # fmt: skip
        process = await asyncio.create_subprocess_exec(*command, env={"CHROME_PATH": CHROMIUM, "PATH": "/usr/bin:/bin"})
        await asyncio.wait_for(process.wait(), LIGHTHOUSE_SECONDS)
        categories = json.loads(told.read_text(encoding="utf-8"))["categories"]
    return {name: round(100 * (each["score"] or 0)) for name, each in categories.items()}


def _at_most(name: str, value: float, unit: str, most: float) -> Figure:
    return Figure(name, value, unit, f"<= {most:g}", value <= most)


if __name__ == "__main__":
    line = parser("The pages' weight and speed")
    line.add_argument("--no-lighthouse", dest="lighthouse", action="store_false", help="weight and speed only")
    run(line.parse_args(), measure)
