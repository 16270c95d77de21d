"""Reports; and what can be asked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.matrix.asking import http, nothing, query

if TYPE_CHECKING:
    from tests.matrix.world import Thing


@query("report")
def _(_it: Thing) -> str:
    return '(from: "2026-03-01", to: "2026-03-31") { lines { filed } }'


@http("GET", "/reports", about=nothing)
def _(_it: Thing) -> str:
    return "?from=2026-03-01&to=2026-03-31"
