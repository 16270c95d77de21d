"""What the name of a member says, in any archive: where it would be written, and what a double click on it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rules.files import extension_of
from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUN: Final = (
    "ade adp apk app appcontent-ms application appref-ms appx appxbundle bat chm cmd com cpl diagcab dll ex_ exe "
    "gadget hlp hta inf ins iqy isp jar jnlp js jse library-ms lnk mde mjs msc msh msh1 msh2 msi msix msixbundle "
    "msp mst msu ocx pif printerexport ps1 ps1xml ps2 ps2xml psc1 psc2 psm1 pyw pyz pyzw rdp reg scf scr sct "
    "search-ms searchconnector-ms settingcontent-ms shb shs sys url vb vbe vbs vxd webpnp website wsb wsc wsf wsh "
    "xbap xll"
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

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_UPWARDS: Final = re.compile(r"(?:^|[/\\])\.\.[. ]*(?:[/\\]|$)")
"""Windows drops dots and spaces behind a name."""
_DISGUISING: Final = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of writing: they show another extension than is there."""


def judge_name(name: str, *, is_folder: bool = False) -> Iterator[Finding]:
    """Yield what is found of a member by its name, whose parts are separated by either slash."""
    if name.startswith(("/", "\\")) or _DRIVE.match(name) or _leads_elsewhere(name):
        yield Finding.ESCAPING_NAME
    if not is_folder:
        yield from _judge_extension(extension_in(name))


def _leads_elsewhere(name: str) -> bool:
    """Say whether it leads upwards, or is not what it shows; the quick looks come first, names may be long."""
    is_upwards = ".." in name and _UPWARDS.search(name)
    return bool(is_upwards or (not name.isprintable() and _DISGUISING.search(name)))


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
