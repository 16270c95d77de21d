"""
The page as somebody would write it by hand for nothing else: Starlette, asyncpg, orjson, and two statements.

It shows what the counter shows, to whom the counter shows it, of what is in the database at that moment; it knows one
question, and refuses nobody who asks another. `python -m benchmarks.graphql_by_hand PORT [VARIANT]` serves it.
"""

from __future__ import annotations

import os
import sys
from base64 import urlsafe_b64encode
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from mesadepartes.database import APP_ROLE, PLANNING, POOL_SIZE, leave_as_it_is
from mesadepartes.serving import KEEP_ALIVE_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from uuid import UUID

    from starlette.requests import Request

JSON = "application/json"

AUTHENTICATE = """
SELECT s.user_id FROM sessions s JOIN users u ON u.id = s.user_id
    LEFT JOIN second_factors f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL
WHERE s.token_hash = $1 AND s.kind = 'BEARER' AND s.ended_at IS NULL AND s.expires_at > now()
    AND (s.idle_until IS NULL OR s.idle_until > now()) AND u.frozen_at IS NULL
    AND (f.id IS NULL OR s.second_factor_at IS NOT NULL)
"""

# First the page alone, by its index; then what belongs to its rows.
MINE = """
SELECT * FROM tramites WHERE applicant_id = $1 AND status <> 'VOIDED' ORDER BY sent_at DESC, id DESC LIMIT $2
"""
LAST_ACTS = """
SELECT e.sequence, e.act, e.to_status, CASE WHEN e.act <> 'REFERRED' THEN coalesce(w.text, e.text) END AS text, e.at
FROM (
    SELECT * FROM entries
    WHERE tramite_id = t.id AND act NOT IN ('OWNER_CHANGED', 'NOTE_ADDED') ORDER BY sequence DESC LIMIT 5
) e LEFT JOIN entry_texts w ON w.sequence = e.sequence
"""
FILES = """
SELECT DISTINCT ON (a.position) a.position, a.id, a.name, c.kind, a.size_bytes
FROM attachments a JOIN contents c ON c.sha256 = a.content_id
WHERE a.tramite_id = t.id AND a.role <> 'ANSWER' ORDER BY a.position, a.version DESC
"""

PAGE = f"""
FROM ({MINE}) t JOIN offices o ON o.id = t.office_id
CROSS JOIN LATERAL ({{history}} FROM ({LAST_ACTS} ORDER BY e.sequence) h) h
CROSS JOIN LATERAL ({{attachments}} FROM ({FILES}) f) f
ORDER BY t.sent_at DESC, t.id DESC
"""
SCALARS = "SELECT t.id::text, t.number, t.subject, t.status, t.document_kind, t.folios, {sent_at}, o.code, o.name"

ARRAYS = f"""
{SCALARS}, h.sequences, h.acts, h.statuses, h.texts, h.instants, f.ids, f.names, f.kinds, f.sizes
{PAGE}
"""
ACTS_IN_ARRAYS = """
SELECT array_agg(sequence::text) AS sequences, array_agg(act) AS acts, array_agg(to_status) AS statuses,
    array_agg(text) AS texts, array_agg({at}) AS instants
"""
FILES_IN_ARRAYS = """
SELECT array_agg(id::text) AS ids, array_agg(name) AS names, array_agg(kind) AS kinds, array_agg(size_bytes) AS sizes
"""
ACTS_IN_JSON = """
SELECT coalesce(json_agg(json_build_object('sequence', sequence::text, 'act', act, 'toStatus', to_status,
    'text', text, 'at', at)), '[]') AS acts
"""
FILES_IN_JSON = """
SELECT coalesce(json_agg(json_build_object('id', id, 'name', name, 'kind', kind, 'sizeBytes', size_bytes)), '[]')
    AS files
"""
WRITTEN = "to_json({instant})#>>'{{}}'"

OBJECTS = ARRAYS.format(sent_at="t.sent_at", history=ACTS_IN_ARRAYS.format(at="at"), attachments=FILES_IN_ARRAYS)
TEXTS = ARRAYS.format(
    sent_at=WRITTEN.format(instant="t.sent_at"),
    history=ACTS_IN_ARRAYS.format(at=WRITTEN.format(instant="at")),
    attachments=FILES_IN_ARRAYS,
)
LISTS = f"{SCALARS}, h.acts, f.files {PAGE}".format(
    sent_at=WRITTEN.format(instant="t.sent_at"), history=ACTS_IN_JSON, attachments=FILES_IN_JSON
)
WHOLE = f"""
SELECT t.id::text, t.sent_at, json_build_object('node', json_build_object(
    'id', t.id, 'number', t.number, 'subject', t.subject, 'status', t.status, 'documentKind', t.document_kind,
    'folios', t.folios, 'sentAt', t.sent_at, 'office', json_build_object('code', o.code, 'name', o.name),
    'history', h.acts, 'attachments', f.files))::text
{PAGE}
""".format(history=ACTS_IN_JSON, attachments=FILES_IN_JSON)


def _edge(row: Any) -> dict[str, Any]:
    (
        id_, number, subject, status, document_kind, folios, sent_at, code, office,
        sequences, acts, statuses, texts, instants, ids, names, kinds, sizes,
    ) = row  # fmt: skip
    return {
        "node": {
            "id": id_,
            "number": number,
            "subject": subject,
            "status": status,
            "documentKind": document_kind,
            "folios": folios,
            "sentAt": sent_at,
            "office": {"code": code, "name": office},
            "history": [
                {"sequence": sequence, "act": act, "toStatus": to_status, "text": text, "at": at}
                for sequence, act, to_status, text, at in zip(sequences, acts, statuses, texts, instants, strict=True)
            ]
            if sequences
            else [],
            "attachments": [
                {"id": file, "name": name, "kind": kind, "sizeBytes": size}
                for file, name, kind, size in zip(ids, names, kinds, sizes, strict=True)
            ]
            if ids
            else [],
        }
    }


def _edge_of_lists(row: Any) -> dict[str, Any]:
    id_, number, subject, status, document_kind, folios, sent_at, code, office, history, attachments = row
    return {
        "node": {
            "id": id_,
            "number": number,
            "subject": subject,
            "status": status,
            "documentKind": document_kind,
            "folios": folios,
            "sentAt": sent_at,
            "office": {"code": code, "name": office},
            "history": orjson.Fragment(history),
            "attachments": orjson.Fragment(attachments),
        }
    }


def _edge_of_text(row: Any) -> orjson.Fragment:
    return orjson.Fragment(row[2])


VARIANTS: dict[str, tuple[str, Callable[[Any], Any], int]] = {
    "texts": (TEXTS, _edge, 6),
    "objects": (OBJECTS, _edge, 6),
    "lists": (LISTS, _edge_of_lists, 6),
    "whole": (WHOLE, _edge_of_text, 1),
}
"""
By name: the statement, what makes an edge of each row, and where in a row the instant stands that is in a cursor.

With *texts* the database writes instants, with *objects* Python does; with *lists* it writes all lists in JSON, with
*whole* everything. Of those that nest in Python *texts* costs the two processors least.
"""


def cursor_of(instant: object, id_: object) -> str:
    """Return a cursor."""
    return urlsafe_b64encode(f"{instant}|{id_}".encode()).decode()


@dataclass(frozen=True)
class Page:
    """The page of whoever asks."""

    pool: asyncpg.Pool
    variant: str

    async def __call__(self, request: Request) -> Response:
        """Answer."""
        asked = orjson.loads(await request.body())
        token = request.headers.get("authorization", "")[len("Bearer ") :]
        async with self.pool.acquire() as connection:
            viewer = await connection.fetchval(AUTHENTICATE, sha256(token.encode()).digest())
            if viewer is None:
                return Response(b'{"errors": [{"message": "Sign in."}]}', 401, media_type=JSON)
            return Response(await self._of(connection, viewer, asked["variables"]["first"]), media_type=JSON)

    async def _of(self, connection: Any, viewer: UUID, first: int) -> bytes:
        statement, edge, instant = VARIANTS[self.variant]
        rows = await connection.fetch(statement, viewer, first + 1)
        shown = rows[:first]
        end = cursor_of(shown[-1][instant], shown[-1][0]) if shown else None
        page = {"edges": [edge(row) for row in shown], "pageInfo": {"hasNextPage": len(rows) > first, "endCursor": end}}
        return orjson.dumps({"data": {"tramites": page}})


def application(url: str, variant: str) -> Starlette:
    """Return the server of the page on the database *url*."""
    settings = {"timezone": "UTC", "search_path": "public", "role": APP_ROLE, **PLANNING}

    @asynccontextmanager
    async def lifespan(site: Starlette) -> AsyncGenerator[None]:
        async with asyncpg.create_pool(
            url, min_size=1, max_size=POOL_SIZE, server_settings=settings, reset=leave_as_it_is
        ) as pool:
            site.router.routes.append(Route("/graphql", Page(pool, variant).__call__, methods=["POST"]))
            yield

    return Starlette(lifespan=lifespan)


def listen(site: Starlette, port: int) -> None:
    """Serve until SIGTERM as the counter does: one process, uvloop, httptools, no log of requests."""
    uvicorn.run(
        site,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


if __name__ == "__main__":
    asked_for = sys.argv[2] if len(sys.argv) > 2 else "texts"
    listen(application(os.environ["MESA_DATABASE_URL"], asked_for), int(sys.argv[1]))
