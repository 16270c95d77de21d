"""A private SeaweedFS: an S3 service as an institution may run one, with all its parts in one process."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import obstore
from obstore.store import S3Store

from files.bucket import BucketSettings
from mesadepartes.embedded.keeper import Kept, Servant
from tests.servers.dovecot import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(sys.executable).parent / "weed"
HOST = "127.0.0.1"
PATIENCE = timedelta(seconds=60)
KEY_ID, SECRET = "counter", "a-secret-of-the-tests"
SERVICES = ("master", "volume", "filer", "s3")


class Seaweed:
    """The server; it keeps what it was given when it is killed and started again."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._ports = {name: (free_port(), free_port()) for name in SERVICES}
        self._process: Kept | None = None
        self._buckets = itertools.count(1)

    @property
    def endpoint(self) -> str:
        """Where the service answers."""
        return f"http://{HOST}:{self._ports['s3'][0]}"

    async def start(self) -> None:
        """Start, with what was there before, and wait until it takes objects."""
        self._root.mkdir(exist_ok=True)
        identity = {
            "name": "counter",
            "credentials": [{"accessKey": KEY_ID, "secretKey": SECRET}],
            "actions": ["Admin"],
        }
        (self._root / "s3.json").write_text(json.dumps({"identities": [identity]}))
        with (self._root / "weed.out").open("ab") as output:
            servant = Servant(os.geteuid(), os.getegid())
            self._process = process = Kept(list(self._command()), servant=servant, cwd=self._root, output=output)
        async with httpx.AsyncClient(timeout=1) as client, asyncio.timeout(PATIENCE.total_seconds()):
            while not process.has_ended and not await _is_ready(client, f"{self.endpoint}/healthz"):
                await asyncio.sleep(0.05)
        if process.has_ended:
            raise RuntimeError(f"SeaweedFS does not serve: {(self._root / 'weed.out').read_text()[-2000:]}")

    async def kill(self) -> None:
        """End at once, as by a power cut."""
        if self._process:
            self._process.send(signal.SIGKILL)
            assert await self._process.end(PATIENCE), "SeaweedFS does not end"

    def new_bucket(self) -> BucketSettings:
        """Return how a bucket of a test's own is used that holds nothing of the store's."""
        settings = self.bucket(f"counter-{os.getpid()}-{next(self._buckets)}")
        obstore.put(self.objects(settings), "made", b"with its first object")
        return settings

    def bucket(self, name: str) -> BucketSettings:
        """Return how a bucket is used."""
        return BucketSettings(name, "mesa/de/partes", self.endpoint, "us-east-1", KEY_ID, SECRET)

    def objects(self, settings: BucketSettings) -> S3Store:
        """Return a bucket with all that lies in it."""
        return S3Store(
            settings.bucket,
            endpoint=self.endpoint,
            region=settings.region,
            access_key_id=KEY_ID,
            secret_access_key=SECRET,
            client_options={"allow_http": True},
        )

    def _command(self) -> Iterator[str]:
        yield from (str(PROGRAM), "-logtostderr", "server", f"-ip={HOST}", f"-ip.bind={HOST}", f"-dir={self._root}")
        yield from ("-s3", f"-s3.config={self._root}/s3.json", "-master.volumeSizeLimitMB=64", "-volume.max=0")
        for name, (port, grpc) in self._ports.items():
            yield from (f"-{name}.port={port}", f"-{name}.port.grpc={grpc}")


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False
