"""The token goes to the counter that was named, and to nobody whom that or something in between may name."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
import websockets

from mesadepartes.following import Refused, Wish, follow

PROTOCOL = websockets.Subprotocol("graphql-transport-ws")


class Forgetful:
    """Remembers no cursor."""

    def recall(self) -> str | None:
        """Return none."""
        return None

    def remember(self, cursor: str) -> None:
        """Forget it."""


async def test_a_token_does_not_follow_a_redirect_to_somebody_else() -> None:
    heard = list[Any]()

    async def listen(socket: websockets.ServerConnection) -> None:
        heard.append(await socket.recv())

    async with websockets.serve(listen, "127.0.0.1", 0, subprotocols=[PROTOCOL]) as other:
        elsewhere = f"ws://127.0.0.1:{other.sockets[0].getsockname()[1]}/graphql"

        def lead_away(socket: websockets.ServerConnection, _request: Any) -> Any:
            response = socket.respond(HTTPStatus.FOUND, "")
            response.headers["Location"] = elsewhere
            return response

        async with websockets.serve(listen, "127.0.0.1", 0, process_request=lead_away) as named:
            url = f"ws://127.0.0.1:{named.sockets[0].getsockname()[1]}/graphql"
            with pytest.raises(Refused, match="302"):
                await follow(Wish(url, "mps_x", {}, is_once=True), Forgetful(), lambda _: None, lambda _: None)

    assert heard == []
