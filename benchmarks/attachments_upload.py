"""
What an upload costs end to end beside the least that anybody could do with its bytes, and how the web process grows.

The counter's own web part, in a process of its own, takes scans of 20 MB from a client on loopback: announced, sent by
PUT, judged in the jail, durable in the store, recorded. The least is to write the same bytes to the same disk, to hash
them, and to have the disk keep them.
"""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from benchmarks.attachments_scan import another, scan
from benchmarks.figures import Figure
from benchmarks.ground import prepared
from models.files import Upload
from models.people import User

if TYPE_CHECKING:
    from benchmarks.ground import Ground, WebPart

MEGABYTE = 2**20
MOST_TO_LEAST, MOST_GROWTH_MB = 2.5, 16.0
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.002
WARMING = 3
"""So many are uploaded, one after the other, before anything counts."""

OPEN = """mutation($input: OpenUploadInput!) { openUpload(input: $input) {
    ... on OpenUploadSuccess { upload { id } } ... on Refusal { code message } } }"""


async def upload_figures(*, rounds: int, at_once: int, pages: int) -> list[Figure]:
    """Upload in turns with doing the least, then many at once."""
    content = scan(pages)
    async with prepared() as ground:
        client = await _client(ground)
        for number in range(WARMING):
            client.upload(another(content, -1 - number))
        taken = [await _round(ground, client, another(content, number)) for number in range(rounds)]
        least, whole = (median(column) for column in zip(*taken, strict=True))
        before, growth = await _growth(ground, client, [another(content, rounds + number) for number in range(at_once)])
    times = round(whole / least, 2)
    size = f"{len(content) / MEGABYTE:.0f} MB"
    return [
        Figure(f"upload: {size} written, hashed and fsynced", round(least, 1), "ms"),
        Figure(f"upload: {size} end to end", round(whole, 1), "ms"),
        Figure("upload: to that", times, "times", f"<= {MOST_TO_LEAST:g}", times <= MOST_TO_LEAST),
        Figure("upload: web process before", round(before, 1), "MB"),
        Figure(
            f"upload: growth at {at_once} at once", round(growth, 1), "MB", f"< {MOST_GROWTH_MB:g}",
            growth < MOST_GROWTH_MB,
        ),
    ]  # fmt: skip


@dataclass(frozen=True)
class Client:
    """Somebody who uploads, by plain code: what they do themselves costs next to nothing."""

    web: WebPart
    token: str

    def upload(self, content: bytes) -> None:
        """Announce a file and send it whole; it was judged, and nothing was found."""
        connection = http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=PATIENCE_SECONDS)
        given = {"clientKey": str(uuid4()), "name": "escaneo.pdf", "sizeBytes": len(content)}
        asked = json.dumps({"query": OPEN, "variables": {"input": given}}).encode()
        opened = self._ask(connection, "POST", "/graphql", asked, {"content-type": "application/json"})
        id_ = opened["data"]["openUpload"]["upload"]["id"]
        answer = self._ask(connection, "PUT", f"/uploads/{id_}", content, {"upload-offset": "0"})
        connection.close()
        assert answer["complete"], answer
        assert answer["fitness"] == "FIT", answer

    def resident_mb(self) -> float:
        """Return the resident memory of the web process, without those that it started (`VmRSS` of proc(5))."""
        lines = Path(f"/proc/{self.web.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def _ask(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> Any:
        connection.request(method, path, body, {**headers, "authorization": f"Bearer {self.token}"})
        response = connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer
        return json.loads(answer)


async def _client(ground: Ground) -> Client:
    maria = await ground.counter.register()
    web = await ground.start_web()
    return Client(web, await ground.token(web, (await User.get(id=maria.user_id)).identity_number))


async def _round(ground: Ground, client: Client, content: bytes) -> tuple[float, float]:
    """Return how long the least took, and the upload, in milliseconds."""
    await _use_up(ground)
    began = time.perf_counter()
    _do_least(ground.folder / "least", content)
    between = time.perf_counter()
    client.upload(content)
    return (between - began) * 1000, (time.perf_counter() - between) * 1000


def _do_least(path: Path, content: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        file.write(content)
        hashlib.sha256(content).digest()
        os.fsync(file.fileno())
    path.unlink()


async def _growth(ground: Ground, client: Client, contents: list[bytes]) -> tuple[float, float]:
    """Return how many MB the web process has, and by how many it grows, at most, while all are uploaded at once."""
    await _use_up(ground)
    before = peak = client.resident_mb()
    with ThreadPoolExecutor(len(contents)) as threads:
        loop = asyncio.get_running_loop()
        uploads = asyncio.gather(*(loop.run_in_executor(threads, client.upload, content) for content in contents))
        while not uploads.done():
            peak = max(peak, client.resident_mb())
            await asyncio.sleep(LOOK_SECONDS)
        await uploads
    return before, peak - before


async def _use_up(ground: Ground) -> None:
    """Take what was uploaded as filed: a person may have only so much that is not."""
    await Upload.filter(used_at__isnull=True).update(used_at=ground.counter.tools.clock())
