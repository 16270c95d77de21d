"""What the name of a member says, in any archive: where it would be written, and what a double click on it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rules.files import extension_of
from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUN: Final = (
    "ade adp apk app application appref-ms appx appxbundle bat chm cmd com cpl diagcab dll ex_ exe gadget hta inf ins "
    "isp jar jnlp js jse lnk mde mjs msc msi msix msixbundle msp mst ocx pif ps1 psm1 reg scf scr sct shb shs sys url "
    "vb vbe vbs vxd wsc wsf wsh xll"
)
RUN_BY_WINDOWS: Final = frozenset(_RUN.split())
"""What is run, installed or followed when it is opened; mail services refuse about the same."""

_PACKED: Final = (
    "7z ace arj bz2 cab dmg gz img iso lha lz lzh lzma rar tar tbz tbz2 tgz txz vhd vhdx wim xz z zip zipx zst"
)
ARCHIVES: Final = frozenset(_PACKED.split())

WITH_MACROS: Final = frozenset({"docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppsm", "ppam"})
"""Office files say by their extension that they carry macros."""

_ZIPPED: Final = "docx dotx xlsx xltx xlsb pptx potx ppsx odt ods odp odg ott ots otp epub kmz vsdx xps oxps pages key"
MADE_OF_ZIP: Final = frozenset(_ZIPPED.split()) | WITH_MACROS | {"numbers"}
"""Documents that begin as a ZIP does, and are none to who opens them."""

_ESCAPING: Final = re.compile(
    r"""
    ^[/\\]                                     # absolute
    | ^[A-Za-z]:                               # on a drive
    | (?:^|[/\\])\.\.[. ]*(?:[/\\]|$)         # upwards; Windows drops dots and spaces behind
    | [\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069] # control characters, and those that show another extension
    """,
    re.VERBOSE,
)


def judge_name(name: str, *, is_folder: bool = False) -> Iterator[Finding]:
    """Yield what is found of a member by its name, whose parts are separated by either slash."""
    if _ESCAPING.search(name):
        yield Finding.ESCAPING_NAME
    if not is_folder:
        yield from _judge_extension(extension_in(name))


def extension_in(name: str) -> str:
    """Return the extension that Windows sees: it drops dots and spaces at the end of a name."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return extension_of(last.rstrip(". "))


def _judge_extension(extension: str) -> Iterator[Finding]:
    if extension in RUN_BY_WINDOWS:
        yield Finding.PROGRAM
    if extension in ARCHIVES:
        yield Finding.NESTED_ARCHIVE
    if extension in WITH_MACROS:
        yield Finding.MACROS
