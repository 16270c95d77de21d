"""Which files a child of the jail may open: some folders, to be read, and nothing else (Landlock)."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
import sys
import sysconfig
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.machinery import ModuleSpec

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION: Final = 1
BENEATH: Final = 1
READ_FILE, READ_FOLDER = 1 << 2, 1 << 3

RIGHTS_BY_VERSION: Final = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many rights about files there are since that version of Landlock; those of later ones are not asked about."""

NET_SINCE, SCOPES_SINCE = 4, 6
TCP: Final = 0b11
"""To bind a port, and to connect to one."""

SCOPES: Final = 0b11
"""Sockets without a file, and signals, to processes that are not as confined as this one."""

OF_INSTALLED: Final = ("site-packages", "dist-packages", "lib-dynload")
SYSTEM: Final = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"),
    *("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts", "/usr/share/zoneinfo"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/fonts", "/dev/null", "/dev/urandom"),
)
"""What libraries look for by themselves: each other, fonts, time zones. There is nothing of anybody's in there."""


def version() -> int:
    """Return which version of Landlock the kernel has, 0 for none."""
    return max(ctypes.CDLL(None, use_errno=True).syscall(CREATE_RULESET, None, 0, ASK_VERSION), 0)


def refuse_files(reads: Iterable[str], *, may_connect: bool) -> bool:
    """
    Let this process open, only to be read, files in *reads* by their names, and what Python is made of; say whether
    that holds.

    A folder that is not there is not let be read later either.
    """
    if not (has := version()):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    ruleset = _ruleset(libc, has, may_connect=may_connect)
    try:
        for path in (*_of_python(), *SYSTEM):
            _allow(libc, ruleset, path, READ_FILE | READ_FOLDER)
        for path in reads:
            # Not to be listed: who has not been told the name of a file, as of others' in the store, opens none.
            _allow(libc, ruleset, path, READ_FILE)
        return libc.syscall(RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _ruleset(libc: ctypes.CDLL, has: int, *, may_connect: bool) -> int:
    rights = (1 << max(count for since, count in RIGHTS_BY_VERSION.items() if since <= has)) - 1
    net = TCP if has >= NET_SINCE and not may_connect else 0
    scopes = SCOPES if has >= SCOPES_SINCE and not may_connect else 0
    # An older kernel takes a longer outline if what it does not know of is 0.
    outline = struct.pack("QQQ", rights, net, scopes)
    found: int = libc.syscall(CREATE_RULESET, outline, len(outline), 0)
    if found < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    return found


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
            return
        raise
    try:
        is_folder = stat.S_ISDIR(os.fstat(opened).st_mode)
        rule = struct.pack("=Qi", rights if is_folder else rights & READ_FILE, opened)
        if libc.syscall(ADD_RULE, ruleset, BENEATH, rule, 0) != 0:
            raise OSError(ctypes.get_errno(), "landlock_add_rule")
    finally:
        os.close(opened)


def _of_python() -> Iterator[str]:
    """
    Yield where modules are that may still be imported.

    A folder that is not Python's own, such as a checkout, may hold much else: of it, only its packages may be read.
    """
    own = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    yield from own
    rooms = dict[str, str]()
    for entry in sys.path:
        if (
            entry in own
            or Path(entry).name in ("site-packages", "dist-packages", "lib-dynload")
            or entry.endswith(".zip")
        ):
            yield entry
        else:
            rooms |= {path.parent.name: str(path.parent) for path in Path(entry).glob("*/__init__.py")}
    yield from rooms.values()
    sys.meta_path.append(_Rooms(rooms))


class _Rooms:
    """Finds packages in a folder of which nobody may see what else there is in it."""

    def __init__(self, rooms: dict[str, str]) -> None:
        self._rooms = rooms

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Find a package."""
        if name not in self._rooms:
            return None
        room = self._rooms[name]
        return spec_from_file_location(name, f"{room}/__init__.py", submodule_search_locations=[room])
