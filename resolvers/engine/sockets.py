"""Subscriptions over WebSocket: graphql-transport-ws, held to what the protocol says and within limits."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from graphql import ExecutionResult, GraphQLError
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler, Operation

from resolvers.engine.execution import Asked, Execution, RequestError
from resolvers.engine.strict_json import BadJson, read_object

MESSAGE_BYTES = 64 * 1024
TOO_BIG = 1009
ID_LENGTH = 128


class StrictAdapter(ASGIWebSocketAdapter):
    """Takes text messages of at most 64 KiB, each one strict JSON object."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        """Yield the messages until the client leaves."""
        while self.ws.application_state != WebSocketState.DISCONNECTED:
            try:
                text = await self.ws.receive_text()
            except KeyError as error:
                raise NonTextMessageReceived from error
            except WebSocketDisconnect:
                return
            if len(text.encode("utf-8", "surrogatepass")) > MESSAGE_BYTES:
                await self.close(TOO_BIG, "Message too big")
                return
            try:
                yield read_object(text)
            except BadJson as error:
                raise NonJsonMessageReceived from error

    async def close(self, code: int, reason: str) -> None:
        """Close the socket, unless it is closed already."""
        if self.ws.application_state != WebSocketState.DISCONNECTED:
            await self.ws.close(code=code, reason=reason)


class SubscriptionHandler(BaseGraphQLTransportWSHandler[Any, None]):
    """Runs subscriptions only; errors leave through the one presenter, whatever stage they come from."""

    @property
    def _execution(self) -> Execution:
        return self.view.execution  # pyright: ignore[reportAttributeAccessIssue]

    async def handle_message(self, message: Any) -> None:
        """Pass on a message of the right form; close the socket on any other."""
        if _is_well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Invalid message")

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        """Run one subscription to its end."""
        self.view.forget_holder(self.context)  # pyright: ignore[reportAttributeAccessIssue]
        asked = Asked(operation.query, variables=operation.variables, operation_name=operation.operation_name)
        try:
            async with aclosing(self._execution.events(asked, self.context)) as results:
                async for result in results:
                    await self._send(operation, result)
        except RequestError as error:
            await self._refuse(operation, error.errors)
            return
        await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _send(self, operation: Operation[Any, None], result: ExecutionResult) -> None:
        errors = result.errors or []
        if errors and result.data is None:
            await self._refuse(operation, errors)
            return
        payload: dict[str, Any] = {"data": result.data}
        if errors:
            payload["errors"] = self._execution.errors.present(errors)
        await operation.send_operation_message({"id": operation.id, "type": "next", "payload": payload})  # pyright: ignore[reportArgumentType]

    async def _refuse(self, operation: Operation[Any, None], errors: Sequence[GraphQLError]) -> None:
        """End the operation with errors: the protocol's `error` message is its last."""
        payload: Any = self._execution.errors.present(errors)
        await operation.send_operation_message({"id": operation.id, "type": "error", "payload": payload})


def _is_well_formed(message: Any) -> bool:
    match message:
        case {"type": "subscribe", "id": str(id), "payload": {"query": str()} as payload} if 0 < len(id) <= ID_LENGTH:
            return isinstance(payload.get("variables"), dict | None) and isinstance(
                payload.get("operationName"), str | None
            )
        case {"type": "complete", "id": str()}:
            return True
        case {"type": "connection_init" | "ping" | "pong"}:
            return isinstance(message.get("payload"), dict | None)
        case _:
            return False
