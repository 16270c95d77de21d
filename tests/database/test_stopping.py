"""The link that stops a recovery: it opens a question, and only its button stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from actions.recovery_decisions import apply_due_recoveries
from models.requests import RecoveryRequest
from rules.notices import NoticeKind
from rules.recoveries import RecoveryState
from tests.api import Api, in_process, make_feed
from tests.requests import ask, deliver, secret_of, with_jose

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.counter import Counter
    from tests.servers.postgres import Database


@pytest_asyncio.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    """Return the API of a counter where José has an account in use."""
    async with in_process(counter, make_feed(database)) as api:
        await with_jose(counter, api)
        yield api


async def state() -> RecoveryState:
    return (await RecoveryRequest.get()).state


async def test_opening_the_link_stops_nothing_and_its_button_does(api: Api) -> None:
    await ask(api)
    link = f"/detener/{await secret_of(NoticeKind.RECOVERY_REQUESTED)}"

    opened = await api.http.get(link)

    assert (opened.status_code, await state()) == (200, RecoveryState.WAITING)
    assert "<form method=" in opened.text
    assert "form-action 'self'" in opened.headers["content-security-policy"]
    pressed = await api.http.post(link)
    assert (pressed.status_code, await state()) == (200, RecoveryState.STOPPED)
    assert "quedó detenido" in pressed.text
    assert "<form" not in pressed.text
    assert (await api.http.post(link)).status_code == 200


async def test_a_wrong_link_says_so_only_when_pressed(api: Api) -> None:
    await ask(api)

    opened, pressed = await api.http.get("/detener/nada"), await api.http.post("/detener/nada")

    assert (opened.status_code, pressed.status_code) == (200, 404)
    assert await state() is RecoveryState.WAITING


async def test_what_took_effect_is_said_to_have_done_so(api: Api, counter: Counter) -> None:
    await ask(api)
    link = f"/detener/{await secret_of(NoticeKind.RECOVERY_REQUESTED)}"
    await deliver(counter)
    counter.clock.advance(hours=24)
    await apply_due_recoveries(counter.tools)

    pressed = await api.http.post(link)

    assert (pressed.status_code, await state()) == (409, RecoveryState.APPLIED)
    assert "ya no está en espera" in pressed.text
