"""
Follow the status changes of a counter, each once, with gql: pip install "gql[websockets]".

    COUNTER_URL=https://mesadepartes.example.pe/graphql COUNTER_TOKEN=mps_... python follow_changes.py

What to keep of this in a program of your own: store the cursor after the change that it came with, in one step if you
can; begin where it says; and come again, a little later each time, whenever the connection is lost.
"""

import asyncio
import json
import os
import random
import sys
from pathlib import Path

from gql import Client, gql
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import WebSocketException

URL, TOKEN = os.environ["COUNTER_URL"].replace("http", "ws", 1), os.environ["COUNTER_TOKEN"]
MEMORY = Path(os.environ.get("CURSOR_FILE", "cursor.txt"))
FINAL = {"SERVICE_TOKEN_NOT_GOOD", "SESSION_ENDED", "NOT_SIGNED_IN", "OUT_OF_SCOPE", "UNKNOWN_CURSOR"}

CHANGES = """
subscription Changes($after: Cursor) {
  statusChanges(after: $after, fromStart: true) {
    cursor
    change { sequence at number act toStatus tramite { office { code } } }
  }
}
"""


def recall() -> str | None:
    """Return where we got to; None the first time, when we begin with the first change of all."""
    return MEMORY.read_text().strip() if MEMORY.exists() else None


def remember(cursor: str) -> None:
    """Keep where we got to: whole, or not at all, also if the power fails; and in a file of our own making."""
    beside = MEMORY.with_name(f"{MEMORY.name}.new")
    beside.unlink(missing_ok=True)
    with beside.open("x") as file:
        file.write(cursor)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(MEMORY)


def handle(change: dict) -> None:
    """Do what this program is for."""
    print(json.dumps(change, ensure_ascii=False), flush=True)


async def follow() -> None:
    """Handle each change until the connection is lost."""
    transport = WebsocketsTransport(
        URL,
        init_payload={"authorization": f"Bearer {TOKEN}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        ping_interval=20,
    )
    request = gql(CHANGES)
    request.variable_values = {"after": recall()}
    async with Client(transport=transport) as session:
        async for data in session.subscribe(request):
            event = data["statusChanges"]
            if event["change"] is not None:
                handle(event["change"])
            remember(event["cursor"])


async def main() -> None:
    """Follow for ever."""
    wait = 0.5
    while True:
        before = recall()
        try:
            await follow()
        except TransportQueryError as error:
            codes = {each.get("extensions", {}).get("code") for each in error.errors or []}
            if codes & FINAL:
                sys.exit(f"The counter says no: {error}")
        except (OSError, TimeoutError, TransportError, WebSocketException) as error:
            if "4403" in str(error):
                sys.exit("The token is not good: unknown, revoked or expired.")
            print(f"Lost: {error!r}", file=sys.stderr)
        wait = 0.5 if recall() != before else min(wait * 2, 30)
        await asyncio.sleep(random.uniform(wait / 2, wait))


asyncio.run(main())
