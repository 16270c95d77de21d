"""A backup as `pg_dump` makes it, restored beside a copy of the store, is verified like the counter itself."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from mesadepartes.embedded.postgres_binaries import installed_binaries
from mesadepartes.verifying import verify
from tests.database.test_verifying import Day, day, unseen
from tests.stores import store_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.postgres import Database

__all__ = ["day"]


async def restored(day: Day, folder: Path) -> Database:
    """Return a new database with what a dump holds of the counter's."""
    major = await major_of(day)
    binaries = next(found for found in installed_binaries() if found.major == major)
    dump = folder / "backup.dump"
    url = day.server.superuser_url(day.database.name)
    subprocess.run([binaries.program("pg_dump"), "--format=custom", f"--file={dump}", url], check=True)
    other = await day.server.new_database()
    into = f"--dbname={day.server.superuser_url(other.name)}"
    subprocess.run([binaries.program("pg_restore"), "--exit-on-error", into, str(dump)], check=True)
    return other


async def major_of(day: Day) -> int:
    async with day.meddling() as connection:
        return connection.get_server_version().major


async def test_a_restored_backup_verifies_and_an_edit_of_it_is_found(day: Day, tmp_path: Path) -> None:
    anchors = await day.anchor()
    backup = await restored(day, tmp_path)
    store = shutil.copytree(day.store, tmp_path / "copy")
    copy = Day(day.counter, backup, day.server, store, day.corrected, day.voided)

    proved = await verify(backup.owner_url, store_in(store), anchors=anchors, progress=unseen)
    await copy.meddle("UPDATE tramites SET filed_on = filed_on - 1 WHERE number LIKE 'MPD-2026-000003-%'")

    assert (proved.files, proved.walks[0].sequence) == (4, 11)
    assert "MPD-2026-000003" in await copy.fault(*anchors)
    assert (await day.verify(*anchors)).files == 4
    await day.server.drop_database(backup.name)
