"""
The page as the documentation of Strawberry and Tortoise has it: types with resolvers, prefetch_related, their own view.

Models and types are its own. `python -m benchmarks.graphql_naive PORT` serves it.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import uuid
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from tortoise import Tortoise
from tortoise.expressions import Q
from tortoise.query_utils import Prefetch
from tortoise.timezone import now

from benchmarks import graphql_naive_models as rows
from benchmarks.graphql_by_hand import cursor_of, listen
from mesadepartes.database import tortoise_config

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

Info: TypeAlias = strawberry.Info[dict[str, Any], None]
Row: TypeAlias = Any

HIDDEN = ("OWNER_CHANGED", "NOTE_ADDED")


@strawberry.type
class Office:
    """An office."""

    code: str
    name: str


@strawberry.type
class HistoryEntry:
    """An act."""

    sequence: strawberry.ID
    act: str
    to_status: str | None
    at: dt.datetime

    @strawberry.field
    async def text(self: Row) -> str | None:
        """Return what was said with it, but not what offices say to each other."""
        if self.act == "REFERRED":
            return None
        return self.said.text if self.said else self.text


@strawberry.type
class Attachment:
    """A file."""

    id: uuid.UUID
    name: str
    size_bytes: int

    @strawberry.field
    async def kind(self: Row) -> str | None:
        """Return of which kind its content is."""
        return self.content.kind


@strawberry.type
class Tramite:
    """A trámite."""

    id: uuid.UUID
    number: str
    subject: str
    status: str
    document_kind: str | None
    folios: int | None
    sent_at: dt.datetime

    @strawberry.field
    async def office(self: Row) -> Office:
        """Return where it is."""
        return self.office

    @strawberry.field
    async def history(self: Row, last: int = 20) -> list[HistoryEntry]:
        """Return the latest acts."""
        return list(self.entries)[-last:]

    @strawberry.field
    async def attachments(self: Row) -> list[Attachment]:
        """Return the latest version of each file."""
        latest = {file.position: file for file in self.attachments}
        return [latest[position] for position in sorted(latest)]


@strawberry.type
class Edge:
    """One of a list."""

    node: Tramite


@strawberry.type
class PageInfo:
    """Whether there is more."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Connection:
    """A page of a list."""

    edges: list[Edge]
    page_info: PageInfo


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    async def tramites(self, info: Info, first: int = 20) -> Connection:
        """Return the viewer's own trámites."""
        viewer = await signed_in(info.context["request"])
        found = rows.Tramite.filter(applicant_id=viewer).exclude(status="VOIDED").order_by("-sent_at", "-id")
        entries = rows.Entry.exclude(act__in=HIDDEN).order_by("sequence").select_related("said")
        files = rows.Attachment.exclude(role="ANSWER").order_by("version", "position").prefetch_related("content")
        page = await found.limit(first + 1).prefetch_related(
            "office", Prefetch("entries", entries), Prefetch("attachments", files)
        )
        nodes: list[Any] = page[:first]
        end = cursor_of(nodes[-1].sent_at, nodes[-1].id) if nodes else None
        return Connection(
            edges=[Edge(node=node) for node in nodes],
            page_info=PageInfo(has_next_page=len(page) > first, end_cursor=end),
        )


async def signed_in(request: Request) -> uuid.UUID:
    """
    Return who sends a request.

    Raises:
        PermissionError: nobody who may.
    """
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    is_live = Q(ended_at__isnull=True, expires_at__gt=now()) & (Q(idle_until__isnull=True) | Q(idle_until__gt=now()))
    found = rows.Session.filter(is_live, token_hash=sha256(token.encode()).digest(), kind="BEARER")
    session = await found.get_or_none(user__frozen_at__isnull=True).select_related("user__second_factor")
    if session is None:
        raise PermissionError("Sign in.")
    factor = session.user.second_factor
    if factor is not None and factor.confirmed_at is not None and session.second_factor_at is None:
        raise PermissionError("Show the second factor.")
    return session.user.id


@asynccontextmanager
async def lifespan(_site: Starlette) -> AsyncGenerator[None]:
    """Connect for as long as the server runs."""
    config = tortoise_config(os.environ["MESA_DATABASE_URL"])
    config["apps"] = {"page": {"models": ["benchmarks.graphql_naive_models"], "default_connection": "default"}}
    await Tortoise.init(config=config, _enable_global_fallback=True)
    yield
    await Tortoise.close_connections()


if __name__ == "__main__":
    view = GraphQL[Any, None](strawberry.Schema(Query))
    listen(Starlette(routes=[Route("/graphql", view)], lifespan=lifespan), int(sys.argv[1]))
