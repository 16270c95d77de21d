"""What a resolver is given: the tools, and who looks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import strawberry
from starlette.requests import HTTPConnection

from reading.access import Viewer, bearer
from resolvers.engine.shapes import Wanted, wanted_of
from rules.refusals import NotSignedIn
from rules.throttling import Client

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from actions.tools import Tools
    from reading.feed import Feed
    from rules.refusals import Refusal


@dataclass(frozen=True)
class Scene:
    """Who looks, and where things are found: what a shape needs besides its rows."""

    viewer: Viewer | None
    public_url: str
    received_bytes: Callable[[UUID], int]
    now: datetime

    def url(self, kind: str, id_: UUID) -> str:
        """Return where the bytes of a thing are fetched or put."""
        return f"{self.public_url}/{kind}/{id_}"


@dataclass
class Context:
    """One request or one socket."""

    tools: Tools
    feed: Feed
    authorization: str | None
    client: Client = field(default_factory=Client)
    connection_params: dict[str, Any] = field(default_factory=dict[str, Any])
    refused_files: dict[UUID, Refusal] = field(default_factory=dict["UUID", "Refusal"])
    """Files of a multipart request that were not kept, by the id that stands in their place."""
    kept_files: list[UUID] = field(default_factory=list["UUID"])
    """Uploads that a multipart request made of its files."""
    _viewer: asyncio.Future[Viewer | None] | None = None

    async def viewer(self) -> Viewer | None:
        """Return who is signed in, asked once per request; None for nobody and for a token that is worth nothing."""
        if self._viewer is None:
            self._viewer = asyncio.ensure_future(self._find_viewer())
        return await self._viewer

    async def _find_viewer(self) -> Viewer | None:
        return await bearer(self.authorization, at=self.tools.clock())

    async def scene(self) -> Scene:
        """Return what shapes need to know."""
        return Scene(
            await self.viewer(), self.tools.institution.public_url, self.tools.staging.length, self.tools.clock()
        )


Info: TypeAlias = strawberry.Info[Context, None]


def context_of(connection: HTTPConnection, tools: Tools, feed: Feed) -> Context:
    """Return the context of a request; that of a socket learns who it is from `connection_init`."""
    authorization = connection.headers.get("authorization") if connection.scope["type"] == "http" else None
    return Context(tools, feed, authorization)


async def greet(context: Context) -> bool:
    """Tell whether a socket may stay: its `connection_init` must carry the token of a live session."""
    authorization = context.connection_params.get("authorization")
    context.authorization = authorization if isinstance(authorization, str) else None
    return await context.viewer() is not None


async def signed_in(info: Info) -> Viewer:
    """
    Return who is signed in.

    Raises:
        NotSignedIn: nobody is.
    """
    viewer = await info.context.viewer()
    if viewer is None:
        raise NotSignedIn
    return viewer


def wanted(info: Info, *names: str) -> Wanted:
    """Return what is wanted of this field, below the given fields."""
    return wanted_of(info.selected_fields).at(info.field_name, *names)
