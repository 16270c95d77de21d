"""The door for sockets: Strawberry's view, of which only its handling of WebSockets is used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UNSET, UnsetType

from resolvers.engine.execution import Execution, encode
from resolvers.engine.sockets import StrictAdapter, SubscriptionHandler

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.types import Receive, Scope, Send
    from strawberry import Schema

INIT_WAIT = timedelta(seconds=5)
SUBSCRIPTIONS = 10


@dataclass(frozen=True)
class SocketKeeper:
    """
    What the door for sockets must be told by those who use it.

    `context` makes the context of a socket; `greet` decides from `connection_init` whether it may stay; `forget` lets
    who holds its session be asked anew, before each operation, for a socket may outlive the session.
    """

    context: Callable[[HTTPConnection], Any]
    greet: Callable[[Any], Awaitable[bool]]
    forget: Callable[[Any], None]


class SocketDoor(GraphQL[Any, None]):
    """The ASGI application for WebSockets."""

    websocket_adapter_class = StrictAdapter  # pyright: ignore[reportAssignmentType]
    graphql_transport_ws_handler_class = SubscriptionHandler

    def __init__(
        self, schema: Schema, keeper: SocketKeeper, *, execution: Execution, allowed_origins: Sequence[str] = ()
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=INIT_WAIT,
            max_subscriptions_per_connection=SUBSCRIPTIONS,
            allowed_origins=allowed_origins,
        )
        self.execution = execution
        self._keeper = keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        await self.run(WebSocket(scope, receive=receive, send=send))

    async def get_context(self, request: Any, response: Any) -> Any:
        """Return the context of one socket."""
        return self._keeper.context(request)

    async def on_ws_connect(self, context: Any) -> UnsetType | dict[str, object] | None:
        """Let a socket stay, or close it with 4403."""
        if not await self._keeper.greet(context):
            raise ConnectionRejectionError
        return UNSET

    def forget_holder(self, context: Any) -> None:
        """Let who holds the session of a socket be asked anew."""
        self._keeper.forget(context)

    def encode_json(self, data: object) -> Any:
        """Return a message as JSON."""
        return encode(data).decode()
