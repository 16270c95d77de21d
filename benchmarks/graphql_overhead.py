"""What limits, masked messages and metrics cost the server, and what metrics and spans do."""

from __future__ import annotations

import asyncio
import statistics
from contextlib import asynccontextmanager
from math import sqrt
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
STARTS = 8
"""Pairs of servers for a figure: by where it has its things in memory a process is some hundredths faster or slower."""
COMPARED = 20
NOTHING = {"module": "benchmarks.graphql_unguarded", "MESA_SLOW_OPERATION_MS": "0"}
COUNTED = "mesa_graphql_operation_seconds_count"


async def overhead_figures(crowd: Crowd, *, seconds: float) -> list[Figure]:
    """
    Let pairs of web parts take turns, for so long in all for each figure.

    One with limits, masking and the log of slow operations, as it is installed, and metrics, with one that has nothing
    on; then one as it is installed, with metrics and spans, with one as it is installed.
    """
    async with _collector() as collector:
        counted = {"MESA_METRICS_PORT": str(*free_ports(1))}
        traced = counted | {"MESA_OTLP_ENDPOINT": collector.url}
        figures = [
            *await _figures(crowd, counted, NOTHING, "limits, masking and metrics", seconds=seconds),
            *await _figures(crowd, traced, {}, "metrics and spans", seconds=seconds),
        ]
        if not collector.taken:
            raise SystemExit("No spans came.")
    return figures


async def _figures(
    crowd: Crowd, more: dict[str, str], less: dict[str, str], what: str, *, seconds: float
) -> list[Figure]:
    found = [await _compared(crowd, more, less, seconds=seconds / STARTS) for _ in range(STARTS)]
    on, off = (statistics.median(side) for side in zip(*(pair for each in found for pair in each.pairs), strict=True))
    ratios = sorted(each.ratio for each in found)
    ratio = statistics.fmean(ratios)
    return [
        Figure(f"CPU of the server without {what}", off, "ms"),
        Figure("… with", on, "ms"),
        Figure(f"CPU with {what} on ÷ off", ratio, "", f"<= {MOST_RATIO}", ratio <= MOST_RATIO),
        Figure(f"… of {STARTS} pairs of servers, the least", ratios[0], ""),
        Figure("… the most", ratios[-1], ""),
        Figure("… standard error of their mean", statistics.stdev(ratios) / sqrt(STARTS), ""),
    ]


async def _compared(crowd: Crowd, more: dict[str, str], less: dict[str, str], *, seconds: float) -> Paired:
    web = crowd.ground.web
    async with web(**more) as with_all, web(**less) as without:
        on, off = (Target(each.url, f"{each.url}/graphql", each.pid, AD_HOC) for each in (with_all, without))
        await check_alike((on, off), crowd.tokens[:COMPARED])
        found = await paired(on, off, crowd.tokens, seconds=seconds)
        await _check_counted(more["MESA_METRICS_PORT"])
    return found


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


async def _check_counted(port: str) -> None:
    """Refuse to compare a server that was not watched after all."""
    async with httpx.AsyncClient() as http:
        text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
    samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
    if not sum(each.value for each in samples if each.name == COUNTED):
        raise SystemExit("No operations were counted.")
