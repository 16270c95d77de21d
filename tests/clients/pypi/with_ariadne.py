"""The client that ariadne-codegen made, in the folder CLIENT."""

import asyncio
import json
import os
import sys
from io import BytesIO
from uuid import uuid4

sys.path.insert(0, os.environ["CLIENT"])
from counter_client import Client, Upload
from counter_client.enums import DocumentKind
from counter_client.input_types import FileTramiteInput

URL, TOKEN = os.environ["COUNTER_URL"], os.environ["COUNTER_TOKEN"]
AUTHORIZATION = {"authorization": f"Bearer {TOKEN}"}


async def main() -> None:
    """Query, file, and follow."""
    client = Client(
        URL,
        headers={**AUTHORIZATION, "x-mesa-client": "tests"},
        ws_url=URL.replace("http", "ws"),
        ws_connection_init_payload=AUTHORIZATION,
    )
    document = BytesIO(os.environ["DOCUMENT"].encode())
    filing = FileTramiteInput(
        client_key=str(uuid4()),
        office_code="SEDE-CENTRAL",
        document_kind=DocumentKind.APPLICATION,
        subject="Solicitud de otro cliente",
        folios=1,
        accepted_privacy_policy="2026-1",
        main_upload=Upload("solicitud ñandú.pdf", document, "application/pdf"),
    )
    mine = await client.mine(5)
    filed = await client.file(filing)
    async for event in client.changes(from_start=True):
        if change := event.status_changes.change:
            break
    told = {
        "subjects": [edge.node.subject for edge in mine.tramites.edges],
        "attachments": [{"name": each.name, "sha256": each.sha_256} for each in filed.file_tramite.tramite.attachments],
        "event": change.act.value,
    }
    print(json.dumps(told))


asyncio.run(main())
