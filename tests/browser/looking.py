"""A person at a browser, and what must hold of whatever they look at."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from itertools import permutations, product
from typing import TYPE_CHECKING, Any
from zlib import crc32

from axe_playwright_python.async_playwright import Axe

from tests.journeys.parts import ROOT

if TYPE_CHECKING:
    from playwright.async_api import ConsoleMessage, Page, Request

SHOTS = ROOT / "build" / "pages"
AXE = Axe()
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
SIZES = {"wide": (1280, 800), "telephone": (360, 800), "narrow": (320, 800), "zoomed": (320, 256)}
"""What a page is shown on, in pixels of CSS; a window of 1280 x 1024 at 400 % zoom is the last."""
MODES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "light", "forced_colors": "active"},
}
TURNS = tuple(
    tuple(zip(("wide", "telephone", small), modes, strict=True))
    for small in ("narrow", "zoomed")
    for modes in permutations(MODES)
)
"""
Which sizes and modes a state is held to by axe: each of three sizes and each of the three modes once.

Twelve ways to pair them, so that over all states every size is met in every mode, many times; which a state has depends
on its name alone, so a fault is found again.
"""
EVERY_LOOK = bool(os.environ.get("MESA_EVERY_LOOK"))
"""For whoever has the time: each state at each size in each mode."""
MISPLACED = """() => {
    const root = document.documentElement, wide = root.scrollWidth - root.clientWidth, faults = [];
    if (wide > 0) faults.push(`${wide} px too wide`);
    for (const box of document.querySelectorAll('dialog[open]')) {
        const { top, bottom, left, right } = box.getBoundingClientRect();
        const isWhole = top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
        if (!isWhole || box.scrollWidth > box.clientWidth) faults.push('a dialog is cut off');
    }
    return faults; }"""
EXPECTED = re.compile(r"net::ERR_INTERNET_DISCONNECTED|net::ERR_FAILED|Failed to load resource")
"""What Chromium itself says when a test cuts the line, or a request is refused."""


@dataclass
class Eyes:
    """One page of a browser, and what it has complained of."""

    page: Page
    base: str
    said: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not EXPECTED.search(message.text):
            self.said.append(f"{message.type}: {message.text}")

    async def open(self, path: str) -> None:
        """Go to an address and wait for its heading."""
        await self.page.goto(self.base + path)
        await self.page.locator("main h1").first.wait_for()

    async def look(self, name: str) -> None:
        """Hold what is shown to what holds of every page in every state: at all sizes, in all modes."""
        faults = list[str]()
        for size, mode in looks_at(name):
            await self._show(size, mode)
            faults += [f"{size}, {mode}: {fault}" for fault in await self._faults()]
            await self._keep(f"{name}-{size}-{mode}")
        for size in SIZES:
            await self._show(size, "light")
            faults += [f"{size}: {fault}" for fault in await self._misplaced()]
        await self._show("wide", "light")
        faults += self.said
        assert faults == [], f"{name}: " + "\n".join(faults)

    async def _show(self, size: str, mode: str) -> None:
        width, height = SIZES[size]
        await self.page.set_viewport_size({"width": width, "height": height})
        # What still moves is neither here nor there.
        await self.page.emulate_media(**MODES[mode], reduced_motion="reduce")

    async def _keep(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)

    async def glance(self, name: str) -> None:
        """Hold what is shown to the same, only as it is shown now: on the way, where time counts."""
        faults = await self._faults() + self.said
        await self._keep(name)
        assert faults == [], f"{name}: " + "\n".join(faults)

    async def _faults(self) -> list[str]:
        """Return what axe finds, and what is not where it can be seen."""
        found = await AXE.run(self.page, options=RULES)
        faults = [
            f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found.response["violations"]
        ]
        return faults + await self._misplaced()

    async def _misplaced(self) -> list[str]:
        """Return whether the page is wider than its window, and what of a dialog is out of it for good."""
        return await self.page.evaluate(MISPLACED)


def looks_at(name: str) -> tuple[tuple[str, str], ...]:
    """Return the sizes and modes that a state is held to by axe."""
    return tuple(product(SIZES, MODES)) if EVERY_LOOK else TURNS[crc32(name.encode()) % len(TURNS)]


def is_api(request: Request) -> bool:
    """Return whether a request asks the API."""
    return request.url.endswith("/graphql")
