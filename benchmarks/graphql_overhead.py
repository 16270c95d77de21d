"""What limits, masked messages and metrics cost the server, and what metrics and spans do."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.figures import Figure
from benchmarks.graphql_load import Target
from benchmarks.graphql_servers import AD_HOC, check_alike
from benchmarks.graphql_turns import Paired, paired
from tests.journeys.stack import free_ports

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from benchmarks.graphql_ground import Crowd
    from benchmarks.ground import WebPart

MOST_RATIO = 1.03
COMPARED = 20
UNWATCHED = {"MESA_SLOW_OPERATION_MS": "0"}
COUNTED = "mesa_graphql_operation_seconds_count"


async def overhead_figures(crowd: Crowd, *, seconds: float) -> list[Figure]:
    """
    Let web parts take turns, two at a time, for so long each.

    One with limits, masking and the log of slow operations, as it is installed, and metrics, and one with nothing on;
    then one as it is installed, with metrics and spans, and one as it is installed.
    """
    (one_port, other_port) = free_ports(2)
    start = crowd.ground.start_web
    async with _collector() as collector:
        bare = await start(module="benchmarks.graphql_unguarded", **UNWATCHED)
        limited = await start(MESA_METRICS_PORT=str(one_port))
        figures = await _compared(crowd, limited, bare, "limits, masking and metrics", seconds=seconds)
        watched = await start(MESA_METRICS_PORT=str(other_port), MESA_OTLP_ENDPOINT=collector.url)
        figures += await _compared(crowd, watched, await start(), "metrics and spans", seconds=seconds)
        await _check_counted(one_port, other_port)
        if not collector.taken:
            raise SystemExit("No spans came.")
    return figures


async def _compared(crowd: Crowd, with_all: WebPart, without: WebPart, what: str, *, seconds: float) -> list[Figure]:
    on, off = (Target(web.url, f"{web.url}/graphql", web.pid, AD_HOC) for web in (with_all, without))
    await check_alike((on, off), crowd.tokens[:COMPARED])
    return _figures(await paired(on, off, crowd.tokens, seconds=seconds), what)


def _figures(found: Paired, what: str) -> list[Figure]:
    ratio, on, off = found.ratio, *map(sorted, zip(*found.pairs, strict=True))
    spread = {"middle half of them": found.middle_half, "their median, 95 % certain": found.certain}
    return [
        Figure(f"comparisons of the server with {what}, and without", len(found.pairs), ""),
        Figure("its CPU without", off[len(off) // 2], "ms"),
        Figure("its CPU with", on[len(on) // 2], "ms"),
        Figure(f"CPU with {what} on ÷ off", ratio, "", f"<= {MOST_RATIO}", ratio <= MOST_RATIO),
        *(
            Figure(f"… {name}, {end}", value, "")
            for name, ends in spread.items()
            for end, value in zip(("from", "to"), ends, strict=True)
        ),
    ]


class _Collector:
    """Takes spans of OpenTelemetry over HTTP, and drops them."""

    def __init__(self, url: str) -> None:
        self.url, self.taken = url, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take what one connection sends."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
                self.taken += 1
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()


@asynccontextmanager
async def _collector() -> AsyncGenerator[_Collector]:
    (port,) = free_ports(1)
    collector = _Collector(f"http://127.0.0.1:{port}")
    server = await asyncio.start_server(collector.serve, "127.0.0.1", port)
    try:
        yield collector
    finally:
        server.close()


async def _check_counted(*ports: int) -> None:
    """Refuse to compare a server that was not watched after all."""
    async with httpx.AsyncClient() as http:
        for port in ports:
            text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
            samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
            if not sum(each.value for each in samples if each.name == COUNTED):
                raise SystemExit("No operations were counted.")
