"""A client of the GraphQL API, and the site served as in production: by uvicorn, on a free port."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import httpx
import uvicorn
import websockets

from actions import accounts
from actions.administration import appoint
from actions.register import ENTRIES
from mesadepartes.guard import GuardedProtocol, GuardedSocket
from mesadepartes.serving import WS_MESSAGE_BYTES
from mesadepartes.site import create_site
from models.people import User
from reading.access import Viewer
from reading.feed import Feed
from resolvers.root import build_hub
from rules.access import Role
from rules.people import clean_identity
from tests.counter import PASSWORD, Counter
from transfers.routes import routes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import timedelta

    from starlette.types import ASGIApp

    from resolvers.engine.hub import Hub
    from resolvers.engine.terms import Terms
    from tests.servers.postgres import Database

PATIENCE = 20.0
"""Seconds after which something that should have come has not."""


MAKING = frozenset(
    {
        "addNote",
        "addOffice",
        "answerMail",
        "correctTramite",
        "createServiceToken",
        "fileTramite",
        "inviteStaff",
        "openExport",
        "openUpload",
        "saveDraft",
        "saveSearch",
        "saveTemplate",
        "sendReceiptAgain",
    }
)
"""Mutations that make something, each under a key of the client."""

WITHOUT_INPUT_TO_REFUSE = (
    "voidTramite",
    "discardDraft",
    "deleteSavedSearch",
    "endSession",
    "signOut",
    "stopRecovery",
    "confirmFiling",
    "freezeClaimedAccount",
    "acceptInvitation",
    "withdrawInvitation",
    "revokeServiceToken",
    "retireOffice",
    "reopenOffice",
    "receiveTramite",
    "takeTramite",
    "releaseTramite",
    "lookAt",
    "retireTemplate",
    "releaseMail",
    "switchErasing",
    "sendReceiptAgain",
    "linkToFile",
)
"""Mutations that never answer with InvalidInput."""


@dataclass
class Api:
    """What a front end does: sends documents, with or without a session."""

    http: httpx.AsyncClient
    token: str | None = None
    known_viewer: Viewer | None = None
    known_hub: Hub | None = None

    @property
    def hub(self) -> Hub:
        """What serves those who follow; there is one where the site is served by a network."""
        assert self.known_hub is not None
        return self.known_hub

    @property
    def viewer(self) -> Viewer:
        """Who is signed in, for preparing things with actions."""
        assert self.known_viewer is not None
        return self.known_viewer

    async def post(self, document: str, **variables: Any) -> httpx.Response:
        """Send a document; return the whole response."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)

    async def answer(self, document: str, **variables: Any) -> dict[str, Any]:
        """Send a document; return its answer."""
        response = await self.post(document, **variables)
        assert response.status_code == 200, response.text
        return response.json()

    async def data(self, document: str, **variables: Any) -> dict[str, Any]:
        """Send a document that must meet no error; return its data."""
        answer = await self.answer(document, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def is_known(self) -> bool:
        """Tell whether anybody is signed in; a token that is nobody's is told to be."""
        answer = await self.answer("{ me { id } }")
        refused = [error["extensions"]["code"] for error in answer.get("errors", ())]
        assert refused in ([], ["NOT_SIGNED_IN"]), answer
        return answer["data"]["me"] is not None

    async def mutate(self, name: str, selection: str = "", /, **given: Any) -> dict[str, Any]:
        """Call a mutation with its one input; return its success or refusal."""
        kind = f"{name[0].upper()}{name[1:]}"
        if name in MAKING:
            given.setdefault("clientKey", str(uuid4()))
        document = f"""
            mutation M($input: {kind}Input!) {{ {name}(input: $input) {{
                __typename ... on Refusal {{ code message path }}
                {"" if name in WITHOUT_INPUT_TO_REFUSE else "... on InvalidInput { others { code message path } }"}
                {f"... on {kind}Success {{ {selection} }}" if selection else ""} }} }}"""
        return (await self.data(document, input=given))[name]

    async def signed_in(
        self,
        counter: Counter,
        *,
        role: Role = Role.APPLICANT,
        office: str | None = None,
        has_second_factor: bool = True,
        **changes: Any,
    ) -> Api:
        """Register somebody, sign them in through the API, staff with a second factor unless they are to have none."""
        form = replace(counter.registration(), **changes)
        await accounts.register_account(counter.tools, form, role=role, is_verified=True)
        if office is not None:
            await appoint(clean_identity(form.identity_kind, form.identity_number), role=role, office_code=office)
        return await self._sign_in(counter, form.identity_number, has_second_factor=has_second_factor)

    async def signed_in_again(self, counter: Counter, known: Api) -> Api:
        """Sign somebody in anew whose session may have ended."""
        return await self._sign_in(counter, (await User.get(id=known.viewer.user_id)).identity_number)

    async def _sign_in(self, counter: Counter, number: str, *, has_second_factor: bool = True) -> Api:
        answer = await self.mutate("signIn", "token", identityKind="DNI", identityNumber=number, password=PASSWORD)
        viewer = await counter.viewer_of(answer["token"], has_second_factor=has_second_factor)
        return Api(self.http, answer["token"], viewer)


def filing(main: object, **changes: Any) -> dict[str, Any]:
    """Return the input of a filing that is in order."""
    return {
        "clientKey": str(uuid4()),
        "officeCode": "SEDE-CENTRAL",
        "documentKind": "APPLICATION",
        "documentNumber": "SN",
        "subject": "Solicito copia de mi expediente",
        "folios": 3,
        "mainUpload": str(main),
        "acceptedPrivacyPolicy": "2026-1",
        **changes,
    }


async def execute_as_owner(database: Database, statement: str) -> None:
    """Run a statement that the application may not."""
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(statement)
    await connection.close()


def make_feed(database: Database, **options: timedelta) -> Feed:
    """Return a feed that listens on a connection of its own."""

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(database.web_url)

    return Feed(connect, channel=ENTRIES, **options)


@asynccontextmanager
async def in_process(
    counter: Counter, feed: Feed, *, has_explorer: bool = True, terms: Terms | None = None
) -> AsyncGenerator[Api]:
    """Serve the site without a network; the feed does not run."""
    site = create_site(counter.tools, feed, routes=routes(counter.tools), has_explorer=has_explorer, terms=terms)
    transport = httpx.ASGITransport(site, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://mesa.test") as http:
        yield Api(http)


@asynccontextmanager
async def served(
    counter: Counter, feed: Feed, *, buffer_bytes: int | None = None, terms: Terms | None = None
) -> AsyncGenerator[Api]:
    """Serve the site by uvicorn on a free port of this machine."""
    hub = build_hub(counter.tools, feed)
    site = create_site(counter.tools, feed, routes=routes(counter.tools), has_explorer=True, hub=hub, terms=terms)
    async with served_app(site, buffer_bytes=buffer_bytes) as api:
        yield replace(api, known_hub=hub)


@asynccontextmanager
async def served_app(app: ASGIApp, *, buffer_bytes: int | None = None) -> AsyncGenerator[Api]:
    """Serve an application on a free port of this machine, whose system holds few bytes that nobody takes, if told."""
    listener = socket.socket()
    if buffer_bytes is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        log_config=None,
        server_header=False,
        http=GuardedProtocol,
        ws=GuardedSocket,
        ws_max_size=WS_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    async with asyncio.timeout(PATIENCE):
        while not server.started:
            await asyncio.sleep(0.01)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as http:
            yield Api(http)
    finally:
        server.should_exit = True
        await serving


class Subscription:
    """One subscription over a socket of its own."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection
        self.cursor: str | None = None

    async def send(self, **message: Any) -> None:
        """Send one message."""
        await self.connection.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        """Return the next message; fails when none comes."""
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.connection.recv())

    async def event(self) -> dict[str, Any]:
        """Return the next message of the feed; it moves the cursor on."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        event: dict[str, Any] = message["payload"]["data"]["statusChanges"]
        self.cursor = event["cursor"]
        return event

    async def change(self) -> dict[str, Any]:
        """Return the next status change, passing over messages that hold none."""
        while (change := (await self.event())["change"]) is None:
            pass
        return change

    async def close_code(self) -> int | None:
        """Wait for the server to close; return its code."""
        async with asyncio.timeout(PATIENCE):
            await self.connection.wait_closed()
        return self.connection.close_code


@asynccontextmanager
async def connected_socket(api: Api, **options: Any) -> AsyncGenerator[Subscription]:
    """Open a socket, without `connection_init`."""
    url = str(api.http.base_url).replace("http", "ws").rstrip("/") + "/graphql"
    options.setdefault("subprotocols", ["graphql-transport-ws"])
    async with websockets.connect(url, **options) as connection:
        yield Subscription(connection)


@asynccontextmanager
async def subscribed(api: Api, document: str, **variables: Any) -> AsyncGenerator[Subscription]:
    """Subscribe with the session of *api*."""
    async with connected_socket(api) as subscription:
        await subscription.send(type="connection_init", payload={"authorization": f"Bearer {api.token}"})
        assert (await subscription.receive())["type"] == "connection_ack"
        await subscription.send(type="subscribe", id="1", payload={"query": document, "variables": variables})
        yield subscription
