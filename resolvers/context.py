"""What a resolver is given: the tools, and who looks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import strawberry
from starlette.requests import HTTPConnection
from starlette.responses import Response

from actions.counter_policy import base_of, policy_of
from actions.gate import network_of
from actions.sessions import recognise_holder
from reading.access import Viewer, admitted
from reading.policies import policy_at_hand
from resolvers.engine.places import Guest
from resolvers.engine.shapes import Wanted, wanted_of
from rules.refusals import NotSignedIn
from rules.second_factors import SecondFactorMissing
from rules.service_tokens import ServiceTokenNotGood, is_service_token
from rules.sessions import DEVICE_COOKIE, bearer_token, cookie_of
from rules.throttling import Client, address_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from actions.completing import Brought
    from actions.tools import Tools
    from reading.access import Ask
    from rules.refusals import Refusal
    from rules.verdicts import Finding


@dataclass(slots=True)
class Scene:
    """Who looks, and where things are found: what a shape needs besides its rows; nobody changes it."""

    viewer: Viewer | None
    public_url: str
    received_bytes: Callable[[UUID], int]
    now: datetime
    refused: Callable[[], Awaitable[Collection[Finding]]]
    """Returns for which findings no file is taken now."""
    refused_by: Callable[[UUID], Collection[Finding]]
    """The same by a version of the policy that was read along; raises `policies.NotAtHand`."""

    def url(self, kind: str, id_: UUID) -> str:
        """Return where the bytes of a thing are fetched or put."""
        return f"{self.public_url}/{kind}/{id_}"


@dataclass
class Context:
    """One request or one socket."""

    tools: Tools
    authorization: str | None
    cookie: str | None = None
    connection: HTTPConnection | None = None
    account: UUID | None = None
    """Whose operations are asked for, as soon as it is known that it is somebody's."""
    _holder: asyncio.Future[Viewer | None] | None = None
    _response: Response | None = None

    @cached_property
    def refused_files(self) -> dict[UUID, Refusal]:
        """Files of a multipart request that were not kept, by the id that stands in their place."""
        return {}

    @cached_property
    def kept_files(self) -> list[UUID]:
        """Uploads that a multipart request made of its files."""
        return []

    @cached_property
    def brought(self) -> dict[UUID, Brought]:
        """Files that came with such a request, by the id that stands in their place."""
        return {}

    @property
    def is_socket(self) -> bool:
        """Whether it came by a WebSocket."""
        return self.connection is not None and self.connection.scope["type"] != "http"

    @cached_property
    def client(self) -> Client:
        """From where the request comes."""
        return client_of(self.connection, self.tools) if self.connection else Client()

    @property
    def user_agent(self) -> str | None:
        """What the client calls itself."""
        return self.connection.headers.get("user-agent") if self.connection else None

    @property
    def filing_link(self) -> str | None:
        """The link of a filing to be completed, in the header of a multipart request of somebody without a session."""
        return self.connection.headers.get("x-filing-link") if self.connection else None

    @property
    def response(self) -> Response | None:
        """Where cookies are set; a socket has none."""
        if self._response is None and self.connection and self.connection.scope["type"] == "http":
            self._response = Response()
        return self._response

    def answer_headers(self) -> Sequence[tuple[bytes, bytes]]:
        """Return the headers that were set; few answers have any."""
        if self._response is None:
            return ()
        return [header for header in self._response.raw_headers if header[0] != b"content-length"]

    @property
    def is_program(self) -> bool:
        """Whether a service token is shown, good or not."""
        token = bearer_token(self.authorization)
        return token is not None and is_service_token(token)

    async def viewer(self) -> Viewer | None:
        """Return who is signed in; None for nobody, and while the second factor of the account is missing."""
        return admitted(await self.holder())

    async def holder(self, ask: Ask | None = None) -> Viewer | None:
        """
        Return who holds the session, asked once per request, also while it awaits the second factor.

        It is *ask* that asks, if it is given and nobody asked before. The operations of one socket ask together: one
        that is cancelled takes no other with it, and if it is the one that asks, another asks in its stead.
        """
        if (told := self._holder) is None:
            told = self._holder = asyncio.get_running_loop().create_future()
            await self._tell_holder(told, ask)
        elif not told.done():
            await asyncio.wait({told})  # by itself it would be cancelled with whoever awaits it
        return await self.holder(ask) if told.cancelled() else told.result()

    def forget_holder(self) -> None:
        """Ask anew, the next time, who holds the session: a socket outlives what was found when it was opened."""
        self._holder = self.account = None

    async def _tell_holder(self, told: asyncio.Future[Viewer | None], ask: Ask | None) -> None:
        authorization, cookie = self.authorization, self.cookie
        try:
            holder = await recognise_holder(self.tools, authorization=authorization, cookie=cookie, ask=ask)
            if holder is not None and self._holder is told:
                self.account = holder.user_id
            told.set_result(holder)
        except asyncio.CancelledError:
            self._holder = None if self._holder is told else self._holder
            told.cancel()
            raise
        except BaseException as error:
            self._holder = None if self._holder is told else self._holder
            told.set_exception(error)
            told.exception()  # it is raised here too, so it counts as told if nobody else waits
            raise

    async def scene(self) -> Scene:
        """Return what shapes need to know."""
        return scene_of(self.tools, await self.viewer())


def scene_of(tools: Tools, viewer: Viewer | None) -> Scene:
    """Return what shapes need to know to show something to *viewer*."""

    async def refused() -> Collection[Finding]:
        return (await policy_of(tools)).files.refused_findings

    now = tools.clock()

    def refused_by(version_id: UUID) -> Collection[Finding]:
        return policy_at_hand(version_id, at=now, base=base_of(tools)).files.refused_findings

    return Scene(viewer, tools.institution.public_url, tools.staging.length, now, refused, refused_by)


Info: TypeAlias = strawberry.Info[Context, None]


def context_of(connection: HTTPConnection, tools: Tools) -> Context:
    """Return the context of a request; that of a socket may learn who it is from `connection_init`."""
    authorization, has_cookie, is_socket = None, False, connection.scope["type"] != "http"
    for name, value in connection.scope["headers"]:
        if name == b"authorization" and authorization is None and not is_socket:
            authorization = value.decode("latin-1")
        elif name == b"cookie":
            has_cookie = True
    cookie = _cookie_of(connection, tools, is_socket=is_socket) if has_cookie else None
    return Context(tools, authorization, cookie, connection)


def _cookie_of(connection: HTTPConnection, tools: Tools, *, is_socket: bool) -> str | None:
    public_url = tools.institution.public_url
    return cookie_of(connection.headers, connection.cookies, public_url=public_url, is_socket=is_socket)


def client_of(connection: HTTPConnection, tools: Tools) -> Client:
    """Return from where a request comes."""
    peer = connection.client.host if connection.client else ""
    # A proxy may add a header of its own instead of lengthening the one it was given: they are one list (RFC 9110 5.3).
    forwarded_for = ", ".join(connection.headers.getlist("x-forwarded-for")) or None
    address = address_of(peer, forwarded_for, tools.trusted_proxies)
    return Client(address, connection.cookies.get(DEVICE_COOKIE))


async def payer_of(context: Context) -> UUID | str:
    """Return on whose account an operation is: that of who is signed in, or that of the network it comes from."""
    if context.authorization or context.cookie:
        holder = await context.holder()
        if holder is not None:
            return holder.user_id
    return network_of(context.client.address)


PROGRAMS_CONNECTIONS = 20
PAGES_CONNECTIONS = 5
"""How many connections may stay open at once of one account: those of programs, and those of pages in browsers."""


async def greet(context: Context, introduced: dict[str, Any] | None) -> Guest | None:
    """
    Return as whom a connection may stay open, None for nobody: a live session.

    That of a socket is told by the token with which it was *introduced* (`connection_init`), or by its cookie.
    """
    if introduced is not None:
        # Written as the header too, for that is how many clients have it at hand.
        authorization = introduced.get("authorization", introduced.get("Authorization"))
        context.authorization = authorization if isinstance(authorization, str) else None
    viewer = await context.viewer()
    if viewer is None:
        return None
    is_program = context.authorization is not None
    return Guest((viewer.user_id, is_program), PROGRAMS_CONNECTIONS if is_program else PAGES_CONNECTIONS)


async def holder_anew(context: Context) -> Viewer | None:
    """Return who holds the session of a connection by now."""
    context.forget_holder()
    return await context.viewer()


async def signed_in(info: Info) -> Viewer:
    """
    Return who is signed in.

    Raises:
        NotSignedIn: nobody is.
        SecondFactorMissing: somebody is, but for the second factor.
    """
    holder = await holds_session(info)
    if holder.awaits_second_factor:
        raise SecondFactorMissing
    return holder


async def holds_session(info: Info) -> Viewer:
    """
    Return who holds the session, also while it awaits the second factor: only to show that, and to end the session.

    Raises:
        NotSignedIn: nobody does, or the service token is not good.
    """
    holder = await info.context.holder()
    if holder is None:
        raise ServiceTokenNotGood if info.context.is_program else NotSignedIn
    return holder


async def viewer_if_any(info: Info) -> Viewer | None:
    """
    Return who is signed in, for what anybody may ask; None for nobody, and while the second factor is missing.

    Raises:
        NotSignedIn: the bearer token that is shown is nobody's, or nobody's any more. Of a cookie nothing is said, for
            its page sees that nobody is signed in; a program would take what it gets for the answer.
    """
    context = info.context
    if bearer_token(context.authorization) is not None:
        await holds_session(info)
    return await context.viewer()


def wanted(info: Info, *names: str) -> Wanted:
    """Return what is wanted of this field, below the given fields."""
    return wanted_of(info.selected_fields).at(info.field_name, *names)
