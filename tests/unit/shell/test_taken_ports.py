"""A port that another program has is said in one sentence, with the setting that chooses another."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import click
import pytest
from starlette.applications import Starlette

from mesadepartes.commands.environment import run_part
from mesadepartes.health import health_served
from mesadepartes.operations import watching_of
from mesadepartes.serving import WebServer
from mesadepartes.settings import Settings
from mesadepartes.variables import Part
from tests.unit.shell.test_settings import WEB

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SETTINGS = Settings.from_environ(WEB, needed=frozenset({Part.WEB}))


async def is_ready() -> bool:
    return True


async def tell_health(port: int) -> None:
    async with health_served("127.0.0.1", port, is_ready):
        pass


async def tell_metrics(port: int) -> None:
    async with watching_of(replace(SETTINGS, http_host="127.0.0.1", metrics_port=port), {}):
        pass


async def serve(port: int) -> None:
    await WebServer(Starlette(), "127.0.0.1", port).serve()


@pytest.mark.parametrize(
    ("variable", "start"),
    [("MESA_HEALTH_PORT", tell_health), ("MESA_METRICS_PORT", tell_metrics), ("MESA_HTTP_PORT", serve)],
)
def test_a_taken_port_is_told_with_its_setting(variable: str, start: Callable[[int], Awaitable[None]]) -> None:
    async def work() -> None:
        await start(taken.getsockname()[1])

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(click.ClickException) as told:
        run_part(work())

    assert told.value.exit_code == 1
    assert told.value.message.startswith("No se puede usar el puerto ")
    assert told.value.message.endswith(f"Elija otro con {variable}=…")
    assert "\n" not in told.value.message
