"""A line that died without a word: found out by asking, shown, and nothing missed once there is one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from mesadepartes.development import APPLICANT, CLERK
from tests.browser.line import line_to
from tests.browser.test_tramites import OBSERVE, does, filed, live

if TYPE_CHECKING:
    from tests.browser.conftest import Opens
    from tests.journeys.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUIET, PATIENT, LATEST_AGAIN = "00:20", "00:10", "00:45"
"""How long it is quiet before one asks whether anybody is there, waits for an answer, and then begins anew."""
LOST = "sin conexión, se reintenta"


async def test_a_dead_line_is_found_out_and_nothing_is_missed(opens: Opens, counter: Stack) -> None:
    tramite = await filed(counter)
    async with (
        line_to(counter.http_port) as (line, proxy),
        opens(APPLICANT, proxy={"server": proxy}) as eyes,
        opens(CLERK) as clerk,
    ):
        page, clock = eyes.page, eyes.page.context.clock
        await clock.install()
        await clerk.open("/")
        async with page.expect_websocket() as begun:
            await eyes.open(f"/tramites/{tramite['number']}")
        socket = await begun.value
        await expect(live(page)).to_be_visible()
        async with socket.expect_event("framereceived", lambda frame: "pong" in str(frame)):
            await clock.fast_forward(QUIET)
        await clock.fast_forward(PATIENT)
        await expect(live(page)).to_be_visible()

        line.fall_silent()
        async with socket.expect_event("framesent", lambda frame: "ping" in str(frame)):
            await clock.fast_forward(QUIET)
        await expect(live(page)).to_be_visible()
        await clock.fast_forward(PATIENT)
        await expect(live(page, LOST)).to_be_visible()
        await eyes.look("tramite-line-dead")
        await does(clerk, OBSERVE, id=tramite["id"], points=["Falta la firma."])
        line.speaks.set()
        await clock.fast_forward(LATEST_AGAIN)

        await expect(page.get_by_text("Acaba de cambiar: Observado.")).to_be_visible()
        await expect(page.get_by_role("link", name="Corregir lo observado")).to_be_visible()
        await expect(live(page)).to_be_visible()
