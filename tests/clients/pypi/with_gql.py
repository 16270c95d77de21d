"""gql, over HTTP by aiohttp and over WebSocket by websockets."""

import asyncio
import json
import os
from io import BytesIO
from uuid import uuid4

from gql import Client, FileVar, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.websockets import WebsocketsTransport

URL, TOKEN = os.environ["COUNTER_URL"], os.environ["COUNTER_TOKEN"]
AUTHORIZATION = {"authorization": f"Bearer {TOKEN}"}
QUERY = "query Mine($first: Int!) { tramites(first: $first) { edges { node { subject } } } }"
MUTATION = """mutation File($input: FileTramiteInput!) { fileTramite(input: $input) {
    __typename ... on FileTramiteSuccess { tramite { attachments { name sha256 } } } } }"""
SUBSCRIPTION = """subscription Changes($fromStart: Boolean!)
    { statusChanges(fromStart: $fromStart) { change { act } } }"""


def filing() -> dict:
    """Return the input of a filing with its file."""
    document = BytesIO(os.environ["DOCUMENT"].encode())
    return {
        "clientKey": str(uuid4()),
        "officeCode": "SEDE-CENTRAL",
        "documentKind": "APPLICATION",
        "subject": "Solicitud de otro cliente",
        "folios": 1,
        "acceptedPrivacyPolicy": "2026-1",
        "mainUpload": FileVar(document, filename="solicitud ñandú.pdf", content_type="application/pdf"),
    }


def asked(document: str, **variables: object) -> object:
    """Return a request."""
    request = gql(document)
    request.variable_values = variables
    return request


async def main() -> None:
    """Query, file, and follow."""
    http = AIOHTTPTransport(URL, headers={**AUTHORIZATION, "x-mesa-client": "tests"})
    async with Client(transport=http) as session:
        data = await session.execute(asked(QUERY, first=5))
        filed = await session.execute(asked(MUTATION, input=filing()), upload_files=True)
    sockets = WebsocketsTransport(
        URL.replace("http", "ws"),
        init_payload=AUTHORIZATION,
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=sockets) as session:
        async for event in session.subscribe(asked(SUBSCRIPTION, fromStart=True)):
            if change := event["statusChanges"]["change"]:
                break
    told = {
        "subjects": [edge["node"]["subject"] for edge in data["tramites"]["edges"]],
        "attachments": filed["fileTramite"]["tramite"]["attachments"],
        "event": change["act"],
    }
    print(json.dumps(told))


asyncio.run(main())
