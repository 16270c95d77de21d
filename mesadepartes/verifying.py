"""Verifying a counter: its chains, its record and its files, online or on a restored backup."""

from __future__ import annotations

import asyncio
import email
import email.policy
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from mesadepartes.database import CONNECT_SECONDS, READY, newest_migration
from mesadepartes.signatures import is_signed_by, sha256
from reading.chains import Fault, Known, prove_acts, prove_reads
from reading.checks import ask
from reading.proofs import ALL_CHECKS, prove_files, prove_numbers, weigh_files
from rules.anchors import Anchor, MailedHead, anchors_in
from rules.chain import Chain
from rules.receipt_proofs import Head

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from contextlib import AbstractContextManager

    from files.store import Store
    from reading.chains import Told, Walk

Progress: TypeAlias = "Callable[[str, int], AbstractContextManager[Told]]"
"""Begins to show how a part of so much is coming along; what it gives is told of each step."""

Kept: TypeAlias = Anchor | MailedHead
"""What was mailed, and kept out of the counter's reach."""

LENGTHS = "SELECT sequence FROM public.register_heads WHERE chain = $1"
ANCHORS = """
SELECT day, chain, sequence, encode(hash, 'hex') AS hash FROM public.anchors
WHERE chain IN ('acts', 'reads') AND day BETWEEN '2000-01-01' AND '9999-12-31'
"""

HEADS = "SELECT day, log, size, root, signature, certificates FROM public.receipt_log_heads ORDER BY day"

BROKEN: tuple[type[Exception], ...] = (
    asyncpg.DataCorruptedError,
    asyncpg.IndexCorruptedError,
    asyncpg.InternalServerError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.WrongObjectTypeError,
)
"""What the database raises whose pages are damaged, or whose tables are no longer there."""

SETTINGS = {
    "application_name": "mesadepartes verify",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "timezone": "UTC",
    "search_path": "pg_catalog",
    "jit": "off",
    "work_mem": "64MB",
}


class WrongSchema(Exception):
    """The database is of another version of this program."""


@dataclass(frozen=True)
class Proved:
    """What was found in order."""

    walks: tuple[Walk, ...]
    files: int | None
    """None when they were left out."""


async def verify(url: str, store: Store | None, *, anchors: Sequence[Kept], progress: Progress) -> Proved:
    """
    Verify the counter whose database is at *url* and whose files lie in *store*, None to leave them out.

    Reads in one snapshot, in memory that does not grow with the record, and changes nothing; the counter may go on.

    Raises:
        Fault: the first thing found that is not as it was recorded.
        WrongSchema: what they say.
    """
    async with _connected(url) as connection:
        if not await _is_of_this_version(connection):
            raise WrongSchema
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                walks = await _prove_rows(connection, url, anchors=anchors, progress=progress)
            return Proved(walks, await _prove_files(connection, store, progress))
        except BROKEN as error:
            raise Fault("the database", f"what was there cannot be read: {error.args[0]}") from None


async def _is_of_this_version(connection: asyncpg.Connection) -> bool:
    try:
        return bool(await connection.fetchval(READY, newest_migration()))
    except asyncpg.UndefinedTableError:
        return False


async def _prove_rows(
    connection: asyncpg.Connection, url: str, *, anchors: Sequence[Kept], progress: Progress
) -> tuple[Walk, Walk]:
    """Prove the chains, and the record at the same time; a fault of a chain comes first, for all else rests on it."""
    async with AsyncExitStack() as stack:
        records = list[asyncio.Task[None]]()
        for checks in ALL_CHECKS:
            beside = await stack.enter_async_context(_connected(url))
            await stack.enter_async_context(_same_snapshot(connection, beside))
            records.append(asyncio.create_task(ask(beside, checks)))
        try:
            walks = await _prove_chains(connection, [each for each in anchors if isinstance(each, Anchor)], progress)
            await prove_numbers(connection, walks[0])
            await _prove_heads(connection, [each for each in anchors if isinstance(each, MailedHead)])
            with progress("record", len(records)) as told:
                for record in records:
                    await record
                    told(1)
        finally:
            for record in records:
                record.cancel()
            await asyncio.wait(records)
    return walks


@asynccontextmanager
async def _same_snapshot(connection: asyncpg.Connection, beside: asyncpg.Connection) -> AsyncGenerator[None]:
    """Let *beside* see what *connection* sees in its transaction."""
    snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
    async with beside.transaction(isolation="repeatable_read", readonly=True):
        await beside.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        yield


@asynccontextmanager
async def _connected(url: str) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=SETTINGS)
    try:
        yield connection
    finally:
        connection.terminate()


async def _prove_chains(
    connection: asyncpg.Connection, given: Sequence[Anchor], progress: Progress
) -> tuple[Walk, Walk]:
    rows = await connection.fetch(ANCHORS)
    ours = [Anchor(row["day"], Chain(row["chain"]), row["sequence"], row["hash"]) for row in rows]
    known = [*(Known(anchor, is_kept_elsewhere=False) for anchor in ours)]
    known += [Known(anchor, is_kept_elsewhere=True) for anchor in given]
    with progress("acts", await _length(connection, Chain.ACTS)) as told:
        acts = await prove_acts(connection, _by_sequence(known, Chain.ACTS), told)
    with progress("reads", await _length(connection, Chain.READS)) as told:
        reads = await prove_reads(connection, _by_sequence(known, Chain.READS), told)
    return acts, reads


async def _length(connection: asyncpg.Connection, chain: Chain) -> int:
    return int(await connection.fetchval(LENGTHS, chain.value) or 0)


async def _prove_heads(connection: asyncpg.Connection, mailed: Sequence[MailedHead]) -> None:
    """Prove that each head of the log is signed by the certificate noted with it, and is what was mailed, if it was."""
    kept = {day: {each for each in mailed if each.day == day} for day in {each.day for each in mailed}}
    async for row in connection.cursor(HEADS):
        where = f"log of receipts, head of {row['day']}"
        try:
            head = Head(log=row["log"], day=row["day"], size=row["size"], root=row["root"]).to_bytes()
        except ValueError:
            head = b""
        if not is_signed_by(row["signature"], sha256(head), row["certificates"].encode()):
            raise Fault(where, "it is not signed by the certificate noted with it")
        found = {MailedHead(row["day"], row["size"], row["root"].hex())}
        if kept.pop(row["day"], found) != found:
            raise Fault(where, "it is not the one that was mailed")
    if kept:
        raise Fault(f"log of receipts, head of {min(kept)}", "it was mailed, but is gone")


def _by_sequence(anchors: Sequence[Known], chain: Chain) -> dict[int, list[Known]]:
    """Return those of one chain."""
    found: dict[int, list[Known]] = {}
    for known in anchors:
        if known.anchor.chain is chain:
            found.setdefault(known.anchor.sequence, []).append(known)
    return found


async def _prove_files(connection: asyncpg.Connection, store: Store | None, progress: Progress) -> int | None:
    if store is None:
        return None
    with progress("files", await weigh_files(connection)) as told:
        return await prove_files(connection, store, told)


def read_anchors(content: bytes) -> list[Kept]:
    """Return the anchors and heads of a file: lines as they were mailed, or mails as a mail program saves them."""
    found = anchors_in(content.decode("utf-8", "replace"))
    for part in email.message_from_bytes(content, policy=email.policy.compat32).walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            found += anchors_in(payload.decode("utf-8", "replace"))
    return found
