"""Small files that show whether clamd says what it must: its own defaults let all but the first of them pass."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from files.extracts.room import MEBIBYTE, MOST_BYTES_EACH
from rules.files import LARGEST_BYTES
from rules.verdicts import Scan

if TYPE_CHECKING:
    from files.antivirus import Answer, Clamd

EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The file that every antivirus calls malware, by agreement; in two parts, so that none does so with this module."""

DEEPEST: Final = 101
"""More archives in each other than `MaxRecursion` can be set to."""

AWAY: Final = "It does not answer: files wait to be scanned."
BLIND: Final = "It does not know EICAR's test file: its signatures are missing, see to freshclam."
LOCKED: Final = "It calls clean what has a password: set `AlertEncrypted yes`."
LIMITED: Final = "It calls clean what is beyond its limits, and is not looked at: set `AlertExceedsMax yes`."
TRIMMED: Final = (
    "It looks at the beginning only of large files in archives, and calls them clean: set `MaxFileSize 100M` and "
    "`MaxScanSize 200M`."
)
SHORT: Final = (
    f"It does not take files as large as may be handed in: set `StreamMaxLength` above {LARGEST_BYTES >> 20}M."
)


class Zeros:
    """A file of zeros, none of which is in memory."""

    def __init__(self, size_bytes: int) -> None:
        self._left = size_bytes

    def read(self, size: int, /) -> bytes:
        """Return at most *size* of those that are left."""
        size = min(size, self._left)
        self._left -= size
        return bytes(size)


def faults_of(clamd: Clamd, *, member_bytes: int = MOST_BYTES_EACH) -> list[str]:
    """
    Return a sentence for each thing that is not as it should be; blocks, for some seconds.

    Files in archives of up to *member_bytes* must be looked at to their end.
    """
    if not clamd.answers():
        return [AWAY]
    asked = {
        BLIND: (clamd.scan(BytesIO(EICAR)), Scan.INFECTED, ""),
        LOCKED: (clamd.scan(BytesIO(_locked())), Scan.PARTLY, "Heuristics.Encrypted"),
        LIMITED: (clamd.scan(BytesIO(_deep())), Scan.PARTLY, "Heuristics.Limits.Exceeded"),
        TRIMMED: (clamd.scan(BytesIO(_large(member_bytes))), Scan.INFECTED, ""),
        SHORT: (clamd.scan(Zeros(LARGEST_BYTES)), Scan.CLEAN, ""),
    }
    if any(answer.scan is Scan.PENDING for answer, _, _ in asked.values()):
        return [AWAY]
    return [fault for fault, (answer, scan, name) in asked.items() if not _is(answer, scan, name)]


def _is(answer: Answer, scan: Scan, name: str) -> bool:
    return answer.scan is scan and (answer.signature or "").startswith(name)


def _locked() -> bytes:
    """Return an archive that says of its only file that it has a password."""
    data = bytearray(_zipped(b"mesadepartes", "probe.txt"))
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _deep() -> bytes:
    data = b"mesadepartes"
    for _ in range(DEEPEST):
        data = _zipped(data, "probe.zip")
    return data


def _large(size_bytes: int) -> bytes:
    """Return an archive whose one file, of that size, is an archive that has its directory, and malware, at its end."""
    file = BytesIO()
    with (
        ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as outer,
        outer.open("probe.zip", "w") as member,
        ZipFile(member, "w", ZIP_STORED) as inner,
    ):
        with inner.open("zeros.bin", "w") as zeros:
            for _ in range(size_bytes // MEBIBYTE - 1):
                zeros.write(bytes(MEBIBYTE))
        inner.writestr("probe.txt", EICAR)
    return file.getvalue()


def _zipped(data: bytes, name: str) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()
