"""How much the web process grows while 20 MB arrive by PUT, beside the 20 MB themselves."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx

from benchmarks.figures import Figure, parser, run
from benchmarks.ground import prepared
from models.people import User

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

SIZE_BYTES = 20 * 2**20
CHUNK_BYTES = 2**18
TARGET_MB = 30.0
OPEN = """mutation($input: OpenUploadInput!) { openUpload(input: $input) {
    ... on OpenUploadSuccess { upload { id url } } ... on Refusal { code message } } }"""


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Upload as often as asked for and keep the largest growth."""
    async with prepared() as ground:
        maria = await ground.counter.register()
        web = await ground.start_web()
        token = await ground.token(web, (await User.get(id=maria.user_id)).identity_number)
        async with httpx.AsyncClient(timeout=120, headers={"authorization": f"Bearer {token}"}) as http:
            await _upload(http, web.url, size_bytes=2**16)
            before = _resident_mb(web.pid)
            peak = before
            for _ in range(arguments.times):
                peak = max(peak, await _peak_during(http, web.url, web.pid))
    growth = peak - before
    return [
        Figure("web process before", before, "MB"),
        Figure("growth while 20 MB arrive", growth, "MB", f"< {TARGET_MB:g}", growth < TARGET_MB),
        Figure("the file itself", SIZE_BYTES / 2**20, "MB"),
    ]


async def _peak_during(http: httpx.AsyncClient, url: str, pid: int) -> float:
    upload = asyncio.create_task(_upload(http, url, size_bytes=SIZE_BYTES))
    peak = 0.0
    while not upload.done():
        peak = max(peak, _resident_mb(pid))
        await asyncio.sleep(0.002)
    await upload
    return peak


async def _upload(http: httpx.AsyncClient, url: str, *, size_bytes: int) -> None:
    given = {"clientKey": str(uuid4()), "name": "grande.pdf", "sizeBytes": size_bytes}
    answer = await http.post(f"{url}/graphql", json={"query": OPEN, "variables": {"input": given}})
    where = answer.json()["data"]["openUpload"]["upload"]["url"]
    response = await http.put(where, content=_pdf(size_bytes), headers={"upload-offset": "0"})
    assert response.status_code == 200, response.text
    assert response.json()["complete"], response.text


async def _pdf(size_bytes: int) -> AsyncIterator[bytes]:
    head = b"%PDF-1.7\n"
    yield head
    left = size_bytes - len(head)
    while left:
        chunk = os.urandom(min(left, CHUNK_BYTES))
        left -= len(chunk)
        yield chunk


def _resident_mb(pid: int) -> float:
    """Return the resident memory of a process (`VmRSS` of proc(5))."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--times", type=int, default=3, help="uploads, one after the other")
    run(command_line.parse_args(), measure)
