"""A person at a browser, and what must hold of whatever they look at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
LOOKS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("wide", 1280, {"color_scheme": "light", "forced_colors": "none"}),
    ("telephone", 360, {"color_scheme": "dark", "forced_colors": "none"}),
    ("narrow", 320, {"color_scheme": "light", "forced_colors": "active"}),
)
"""At 320 px a page is what it is at 1280 px and 400 % zoom."""
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
        """Hold what is shown to what holds of every page in every state, and keep a picture of it, at each size."""
        faults = list[str]()
        for look, width, media in LOOKS:
            await self.page.set_viewport_size({"width": width, "height": 800})
            # What still moves is neither here nor there.
            await self.page.emulate_media(**media, reduced_motion="reduce")
            faults += [f"{look}: {fault}" for fault in await self._faults()]
            SHOTS.mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=SHOTS / f"{name}-{look}.png", full_page=True)
        await self.page.set_viewport_size({"width": LOOKS[0][1], "height": 800})
        await self.page.emulate_media(**LOOKS[0][2])
        assert [*faults, *self.said] == [], f"{name}: " + "\n".join([*faults, *self.said])

    async def glance(self, name: str) -> None:
        """Hold what is shown to the same, only as it is shown now: on the way, where time counts."""
        faults = await self._faults() + self.said
        SHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
        assert faults == [], f"{name}: " + "\n".join(faults)

    async def _faults(self) -> list[str]:
        """Return what axe finds, and whether the page is wider than its window."""
        found = await AXE.run(self.page, options=RULES)
        faults = [
            f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found.response["violations"]
        ]
        wide = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return faults + ([f"{wide} px too wide"] if wide > 0 else [])


def is_api(request: Request) -> bool:
    """Return whether a request asks the API."""
    return request.url.endswith("/graphql")
