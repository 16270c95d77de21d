"""What limits, masked messages, budgets, seats, metrics, spans and the log of slow operations cost the server."""

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

MOST_RATIO = 1.03
COMPARED = 20
SLOW_MS = "1000"
UNWATCHED = {"MESA_SLOW_OPERATION_MS": "0"}
COUNTED = "mesa_graphql_operation_seconds_count"


async def overhead_figures(crowd: Crowd, *, seconds: float) -> list[Figure]:
    """Let two web parts take turns for so long, one as an institution runs it and watches it, one with nothing on."""
    async with _collector() as collector:
        (metrics_port,) = free_ports(1)
        watched = {"MESA_METRICS_PORT": str(metrics_port), "MESA_OTLP_ENDPOINT": collector.url}
        guarded = await crowd.ground.start_web(**watched, MESA_SLOW_OPERATION_MS=SLOW_MS)
        bare = await crowd.ground.start_web(module="benchmarks.graphql_unguarded", **UNWATCHED)
        on, off = (Target(web.url, f"{web.url}/graphql", web.pid, AD_HOC) for web in (guarded, bare))
        await check_alike((on, off), crowd.tokens[:COMPARED])
        found = await paired(on, off, crowd.tokens, seconds=seconds)
        await _check_watched(f"http://127.0.0.1:{metrics_port}/metrics", collector)
    return _figures(found)


def _figures(found: Paired) -> list[Figure]:
    ratio, on, off = found.ratio, *map(sorted, zip(*found.pairs, strict=True))
    spread = {"middle half of them": found.middle_half, "their median, 95 % certain": found.certain}
    return [
        Figure("comparisons of the server with all on, and with nothing", len(found.pairs), ""),
        Figure("CPU of the server with nothing on", off[len(off) // 2], "ms"),
        Figure("CPU of the server with all on", on[len(on) // 2], "ms"),
        Figure("CPU with limits, masking and watching on ÷ off", ratio, "", f"<= {MOST_RATIO}", ratio <= MOST_RATIO),
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


async def _check_watched(metrics_url: str, collector: _Collector) -> None:
    """Refuse to compare a server that was not watched after all."""
    async with httpx.AsyncClient() as http:
        text = (await http.get(metrics_url)).text
    samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
    counted = sum(each.value for each in samples if each.name == COUNTED)
    if not (counted and collector.taken):
        raise SystemExit(f"It was not watched: {counted:g} operations counted, spans came {collector.taken} times.")
