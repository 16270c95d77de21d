"""
How long `verify` takes, beside reading the same rows and hashing the same files and nothing else.

Of the rows only the columns are read that `verify` looks at. By default each trámite has a file of its own, as at a
counter; those that `--rows` makes up besides share one, so that the rows weigh more beside the files than they ever do.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg

from benchmarks.figures import Figure, parser, run
from benchmarks.ground import prepared
from mesadepartes.multitude import multiply
from mesadepartes.verifying import SETTINGS, verify
from reading.chains import ACTS, BATCH, READS
from tests.counter import PDF
from tests.stores import path_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator
    from pathlib import Path

    from benchmarks.ground import Ground
    from reading.chains import Told

TARGET_RATIO = 2.0
ROWS = (
    ACTS,
    READS,
    "SELECT series, last_given FROM public.number_series",
    "SELECT id, number, status, filed_on, sent_at, received_at, office_id, document_kind, folios, channel,"
    " applicant_id, observed_before, correct_by, erased_at, revision, observation, resolution, sender_name,"
    " organization_name, organization_ruc, subject, document_number, contact_email, contact_mobile"
    " FROM public.tramites",
    "SELECT id, tramite_id, kind, version, verification_code, facts, erased_at FROM public.receipts",
    "SELECT tramite_id, kind FROM public.notices",
    "SELECT tramite_id, content_id, erased_at FROM public.attachments",
    "SELECT id, tramite_id, from_office_id, to_office_id FROM public.referrals",
    "SELECT id, tramite_id, author_id, salt, text FROM public.notes",
    "SELECT * FROM public.report_cells",
    "SELECT * FROM public.report_positions",
    "SELECT * FROM public.report_acts",
    "SELECT * FROM public.report_steps",
    "SELECT * FROM public.report_waiting",
)
FILES = "SELECT DISTINCT content_id FROM public.attachments ORDER BY content_id"


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Fill a counter, then verify it and read it in turns; the best turn of each counts."""
    async with prepared() as ground:
        await _fill(ground, arguments)
        ground.counter.clock.advance(hours=1)
        if arguments.rows:
            await multiply(
                ground.counter.tools, ground.owner_url, arguments.rows, chance=random.Random(1), told=_ignore
            )
        folder = path_of(ground.counter.tools.store, "0" * 64).parents[3]
        best = {"verify": float("inf"), "read": float("inf"), "without files": float("inf"), "rows": float("inf")}
        for _ in range(arguments.repeats):
            for name, seconds in (await _turn(ground, folder)).items():
                best[name] = min(best[name], seconds)
    return _figures(best, arguments)


def _ignore(_more: int) -> None:
    """Hear and forget."""


async def _fill(ground: Ground, arguments: argparse.Namespace) -> None:
    """File as many documents as asked for, each with bytes of its own."""
    counter = ground.counter
    viewer = await counter.register()
    for _ in range(arguments.files):
        upload = await counter.upload(viewer, data=PDF + os.urandom(arguments.file_kb * 1000))
        await counter.file(viewer, main_upload=upload.id)


async def _turn(ground: Ground, folder: Path) -> dict[str, float]:
    began = time.perf_counter()
    await verify(ground.url, ground.counter.tools.store, anchors=[], progress=_unseen)
    verified = time.perf_counter()
    await verify(ground.url, None, anchors=[], progress=_unseen)
    without_files = time.perf_counter()
    await _read_rows(ground.url)
    rows_read = time.perf_counter()
    await _hash_files(ground, folder)
    files_hashed = time.perf_counter()
    return {
        "verify": verified - began,
        "without files": without_files - verified,
        "rows": rows_read - without_files,
        "read": files_hashed - without_files,
    }


@contextmanager
def _unseen(_name: str, _length: int) -> Generator[Told]:
    yield _ignore


async def _read_rows(url: str) -> None:
    connection = await asyncpg.connect(url, server_settings=SETTINGS)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for query in ROWS:
            cursor = await connection.cursor(query)
            while await cursor.fetch(BATCH):
                pass
    await connection.close()


async def _hash_files(ground: Ground, folder: Path) -> None:
    connection = await asyncpg.connect(ground.url, server_settings=SETTINGS)
    names = [row["content_id"] for row in await connection.fetch(FILES)]
    await connection.close()
    for name in names:
        await asyncio.to_thread(_hash, folder / "sha256" / name[:2] / name[2:4] / name)


def _hash(path: Path) -> None:
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256").hexdigest()


def _figures(best: dict[str, float], arguments: argparse.Namespace) -> list[Figure]:
    ratio, of_rows = best["verify"] / best["read"], best["without files"] / best["rows"]
    target = f"<= {TARGET_RATIO:g}"
    return [
        Figure("trámites", arguments.rows + arguments.files, "trámites"),
        Figure(f"files of {arguments.file_kb} kB", arguments.files, "files"),
        Figure("verify", best["verify"], "s"),
        Figure("reading the same rows and hashing the same files", best["read"], "s"),
        Figure("verify ÷ reading and hashing", ratio, "", target, ratio <= TARGET_RATIO),
        Figure("verify without files ÷ reading the rows", of_rows, ""),
    ]


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--rows", type=int, default=0, help="trámites made up besides those filed")
    command_line.add_argument("--files", type=int, default=1_500, help="documents filed with bytes of their own")
    command_line.add_argument("--file-kb", type=int, default=300, help="kB of each")
    command_line.add_argument("--repeats", type=int, default=3, help="turns; the best counts")
    run(command_line.parse_args(), measure)
