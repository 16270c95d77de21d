"""Builds the store that the settings say, or another one beside it."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from files.cipher import Cipher, StoreKey
from files.folder import Folder
from files.store import Store, StoreUnavailable
from mesadepartes.setting_values import BUCKET, FOLDER
from mesadepartes.variables import WrongSettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from files.place import Place
    from mesadepartes.settings import Settings

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10.0

STORE, SCRATCH = "store", "scratch"
"""Folders of the counter's data: contents, and contents of a bucket while they are in use here."""

STAGING, SPOOL = "uploads", "spool"
"""Two more: where files lie while they arrive. All of them belong together and are saved together."""


def store_of(settings: Settings, address: str | None = None) -> Store:
    """
    Return the store that the settings say; with *address*, a folder's or `s3://bucket/prefix`, the one there.

    Raises:
        WrongSettings: it is a bucket, and by what right it is used is not set.
    """
    keys = [StoreKey(id_, secret) for id_, secret in settings.store_keys or ()]
    return Store(_place(settings, address or settings.store), Cipher(keys) if keys else None)


def folders_of_contents(settings: Settings) -> list[Path]:
    """Return in which local folders contents lie while they are read as files."""
    return [settings.data / (STORE if settings.store == FOLDER else SCRATCH)]


def folders_of_files(settings: Settings) -> list[Path]:
    """Return in which local folders files lie, those that arrive and those that are kept, while they are looked at."""
    return [*folders_of_contents(settings), settings.data / STAGING, settings.data / SPOOL]


@asynccontextmanager
async def keeping(store: Store, data: bytes) -> AsyncGenerator[None]:
    """Put what the counter itself brings; while the store is away it is tried again, for as long as the block lasts."""
    trying: asyncio.Task[None] | None = None
    if not await _was_put(store, data):
        trying = asyncio.create_task(_put_later(store, data))
    try:
        yield
    finally:
        if trying is not None:
            trying.cancel()
            await asyncio.wait([trying])


async def _put_later(store: Store, data: bytes) -> None:
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        if await _was_put(store, data):
            return


async def _was_put(store: Store, data: bytes) -> bool:
    try:
        await store.put_bytes(data)
    except StoreUnavailable as error:
        told = {"action": "store_unavailable"}
        logger.error("The store cannot be used: %s", error.strerror, extra=told)  # noqa: TRY400 - the reason is all
        return False
    return True


def _place(settings: Settings, address: str) -> Place:
    if address == FOLDER:
        return Folder(settings.data / STORE)
    if not address.startswith("s3:"):
        return Folder(Path(address))
    from files.bucket import Bucket, BucketSettings

    found = re.fullmatch(BUCKET, address, re.ASCII)
    if found is None:
        raise WrongSettings([f"{address} is no bucket: it must look like s3://bucket or s3://bucket/prefix"])
    if settings.s3_key_id is None or settings.s3_secret is None:
        raise WrongSettings([f"MESA_S3_KEY_ID and MESA_S3_SECRET are not both set, but {address} needs them"])
    bucket = BucketSettings(
        bucket=found["bucket"],
        prefix=found["prefix"] or "",
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        key_id=settings.s3_key_id,
        secret=settings.s3_secret,
    )
    return Bucket(bucket, settings.data / SCRATCH)
