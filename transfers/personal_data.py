"""What is kept about a person, as one JSON file for that person; read and sent bit by bit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from reading.personal_data import every_kept_thing, kept_summaries
from rules.workdays import day_of, in_lima
from transfers.answers import refusing
from transfers.downloads import disposition
from transfers.viewers import authenticate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from actions.tools import Tools
    from reading.access import Viewer
    from reading.personal_data import KeptSummary, KeptThing


def personal_data_routes(tools: Tools) -> list[Route]:
    """Return where people fetch what is kept about them."""
    return [Route("/personal-data", refusing(_Report(tools).answer), methods=["GET"])]


class _Report:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def answer(self, request: Request) -> Response:
        """Answer with all that is kept about whoever asks."""
        viewer = await authenticate(self._tools, request)
        headers = {
            "content-type": "application/json; charset=utf-8",
            "content-disposition": disposition(f"mis-datos-{day_of(self._tools.clock())}.json"),
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        }
        if request.method == "HEAD":
            return Response(headers=headers)
        return StreamingResponse(self._written(viewer, await kept_summaries(viewer)), headers=headers)

    async def _written(self, viewer: Viewer, summaries: list[KeptSummary]) -> AsyncIterator[str]:
        made_at = in_lima(self._tools.clock()).isoformat()
        yield f'{{"institución": {_json(self._tools.institution.name)}, "hecho": {_json(made_at)}, "datos": ['
        for place, summary in enumerate(summaries):
            yield f"{', ' if place else ''}\n{_head(summary)}"
            is_first = True
            async for thing in every_kept_thing(viewer, summary.kind):
                yield f"{'' if is_first else ','}\n  {_json(_told(thing))}"
                is_first = False
            yield "]}"
        yield "\n]}\n"


def _head(summary: KeptSummary) -> str:
    rule = summary.rule
    told = {
        "clase": summary.kind.value,
        "nombre": rule.label,
        "finalidad": rule.purpose,
        "base legal": rule.basis,
        "plazo": summary.period,
        "al vencer": rule.erasure,
    }
    return f'{_json(told)[:-1]}, "registros": ['


def _told(thing: KeptThing) -> dict[str, Any]:
    return {"id": thing.id, "fecha": in_lima(thing.at).isoformat(), **dict(thing.facts)}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
