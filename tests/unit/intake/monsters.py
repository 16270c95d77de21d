"""
Mails that are too large for a file in the repository, each against what it costs to take it apart.

`python -m tests.unit.intake.monsters` prints for each what it took, as a ratio to what it may take on an idle machine.
"""

from __future__ import annotations

import asyncio
import base64
import json
import resource
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from files.jail import Jail
from intake.anatomy import ParsedMail
from intake.parsing import parse_json
from rules.files import MEGABYTE
from tests.lasting_jail import ANYWHERE
from tests.unit.intake.mails import PDF
from tests.unit.intake.tnefs import Wrapped, write_tnef

if TYPE_CHECKING:
    from collections.abc import Callable

    from files.sieving import Runner

PARSE_MEASURED: Final = "tests.unit.intake.monsters:parse_measured"
MEASURED: Final = (*ANYWHERE, Path("/proc"))
"""What the measuring reads, besides the mails."""

CPU_SECONDS, CPU_SECONDS_PER_MEGABYTE = 0.020, 0.015
MEMORY_BYTES: Final = 64 * MEGABYTE
PARSE_TIME: Final = timedelta(seconds=120)

HEAD: Final = b"From: Rosa <rosa@example.pe>\nSubject: Solicito copia\n"
MIXED: Final = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
FILE: Final = b"Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n"
BASE64: Final = FILE + b"Content-Transfer-Encoding: base64\n\n"


@dataclass(frozen=True, slots=True)
class Measured:
    """A mail taken apart in the jail, and the CPU time it took there."""

    mail: ParsedMail
    cpu_seconds: float
    size_bytes: int

    @property
    def ratio(self) -> float:
        """How the CPU time compares with what a mail of that size may take on an idle machine."""
        return self.cpu_seconds / (CPU_SECONDS + CPU_SECONDS_PER_MEGABYTE * self.size_bytes / MEGABYTE)


def parse_measured(argument: bytes) -> bytes:
    """Parse as the jail does, with no more memory than one mail may take; runs in the jail."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_data_bytes() + MEMORY_BYTES, hard))
    try:
        began = time.process_time()
        answer = parse_json(argument)
        took = time.process_time() - began
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    return json.dumps({"cpu_seconds": took, "answer": answer.decode()}).encode()


def _data_bytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmData"))


async def measure(jail: Runner, path: Path) -> Measured:
    """Take the mail apart in the jail, which must allow PARSE_MEASURED; fails if it takes too much memory."""
    told = json.loads(await jail.run(PARSE_MEASURED, json.dumps({"path": str(path)}).encode(), timeout=PARSE_TIME))
    return Measured(ParsedMail.from_json(told["answer"].encode()), told["cpu_seconds"], path.stat().st_size)


def lines_of_base64(content: bytes) -> bytes:
    """Return content in base64, in lines as mail has them."""
    digits = base64.b64encode(content)
    return b"\n".join(digits[start : start + 76] for start in range(0, len(digits), 76)) + b"\n"


def attached(*contents: bytes) -> bytes:
    """Return a mail with files."""
    return MIXED + b"".join(b"--b\n" + BASE64 + lines_of_base64(content) for content in contents) + b"--b--\n"


def pdf_of(size_bytes: int) -> bytes:
    """Return what begins like a PDF, of that size."""
    filling = bytes(range(256)) * (size_bytes // 256 + 1)
    return (PDF + filling)[:size_bytes]


def nested_parts(depth: int, *, body: bytes = b"x") -> bytes:
    """Return multiparts in each other."""
    levels = range(depth)
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%dx\n\n--b%dx\n" % (each, each) for each in levels)
    return HEAD + opening + b"\n" + body


def zip_of(entries: int) -> bytes:
    """Return the directory of a ZIP file of that many entries, the first mark and the last record."""
    entry = b"PK\x01\x02" + b"\0" * 42
    end = b"PK\x05\x06" + b"\0" * 8 + (entries * len(entry)).to_bytes(4, "little") + (30).to_bytes(4, "little")
    return b"PK\x03\x04" + b"\0" * 26 + entry * entries + end + b"\0\0"


MONSTERS: Final[dict[str, Callable[[], bytes]]] = {
    "addresses in From": lambda: b"From: " + b"a@b.pe, " * 30_000 + b"\n\nx",
    "addresses in To, 50,000": lambda: HEAD + b"To: " + b"a@b.pe, " * 50_000 + b"\n\nx",
    "addresses in many To": lambda: HEAD + (b"To: " + b"a@b.pe, " * 30 + b"\n") * 900 + b"\nx",
    "base64 of 20 MB in one line": lambda: MIXED + b"--b\n" + BASE64 + base64.b64encode(pdf_of(20 * MEGABYTE)),
    "base64 of padding": lambda: MIXED + b"--b\n" + BASE64 + b"=" * 10_000_000,
    "base64 with garbage in each line": lambda: (
        MIXED + b"--b\n" + BASE64 + lines_of_base64(pdf_of(5 * MEGABYTE)).replace(b"\n", b"\n!")
    ),
    "beginnings of uuencode": lambda: HEAD + b"\n" + b"begin 644 a\nM\n" * 300_000,
    "boundary of 100 kB": lambda: HEAD + b'Content-Type: multipart/mixed; boundary="' + b"b" * 100_000 + b'"\n\nx',
    "brackets in HTML": lambda: HEAD + b"Content-Type: text/html\n\n" + b"<" * 10_000_000,
    "charset of 100 kB": lambda: HEAD + b"Content-Type: text/plain; charset=" + b"x" * 100_000 + b"\n\nx",
    "comments in From": lambda: b"From: " + b"(" * 100_000 + b"\n\nx",
    "comments in To": lambda: HEAD + b"To: " + b"(" * 100_000 + b"\n\nx",
    "delimiters that are none": lambda: MIXED + b"\n--bx" * 3_000_000,
    "delimiters that are none, at each depth": lambda: nested_parts(29, body=b"\n--b1xy\n--b2xy" * 5_000),
    "depth of 30 around 20 MB": lambda: nested_parts(30, body=b"--b " * 5_000_000),
    "dots in From": lambda: b"From: " + b"." * 50_000 + b"\n\nx",
    "entries in a ZIP": lambda: attached(zip_of(100_000)),
    "fields of From, 900": lambda: b"From: a <a@b.pe>\n" * 900 + b"\nx",
    "fields, 100,000": lambda: HEAD + b"X: y\n" * 100_000 + b"\nx",
    "fields in each of 400 parts": lambda: MIXED + (b"--b\n" + b"X:\n" * 500 + b"\n") * 400,
    "fields that name a file": lambda: MIXED + (b"--b\nContent-Disposition: a" + b"; a=b" * 10_000 + b"\n\nx\n") * 400,
    "files of 10 MB and 60 more": lambda: attached(*([pdf_of(10 * MEGABYTE)] + [pdf_of(300_000)] * 60)),
    "Message-ID of 100 kB": lambda: HEAD + b"Message-ID: <" + b"x" * 100_000 + b"@example.pe>\n\nx",
    "messages in messages, 5,000": lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 5000,
    "multiparts in multiparts, 5,000": lambda: nested_parts(5000),
    "names in 3,000 segments": lambda: (
        MIXED
        + b"--b\nContent-Disposition: a"
        + b"".join(b"; filename*%d=a" % place for place in range(3000))
        + b"\n\nx"
    ),
    "parts without anything, 100,000": lambda: MIXED + b"--b\n\n" * 100_000,
    "PDF that speaks of encryption": lambda: attached(pdf_of(30 * MEGABYTE - 8) + b"/Encrypt"),
    "preamble of 20 MB": lambda: MIXED + b"x\n" * 10_000_000 + b"--b\n\nx\n--b--\n",
    "quoted-printable of 30 MB": lambda: (
        MIXED + b"--b\n" + FILE + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=C3=B1" * 5_000_000
    ),
    "quoted-printable of line ends": lambda: (
        HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 5_000_000
    ),
    "references, 5,000": lambda: HEAD + b"References:" + b" <a@b.example>" * 15_000 + b"\n\nx",
    "subject of 10 MB": lambda: b"Subject: " + b"x" * 10_000_000 + b"\n\nx",
    "subject of 20,000 words": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nx",
    "subject of words in as many charsets": lambda: (
        b"Subject: " + b"=?utf-8?q?a?= =?koi8-r?b?YQ==?= " * 7_000 + b"\n\nx"
    ),
    "TNEF of attributes": lambda: attached(write_tnef() + (b"\x01" + b"\0" * 10) * 300_000),
    "TNEF of 100 files": lambda: attached(write_tnef(*[Wrapped("a.pdf", pdf_of(200_000))] * 100)),
    "TNEF of 20 MB": lambda: attached(write_tnef(Wrapped("a.pdf", pdf_of(20 * MEGABYTE - 10)))),
    "uuencode of 10 MB": lambda: HEAD + b"\nbegin 644 a.pdf\n" + (b"M" + b"A" * 60 + b"\n") * 170_000 + b"`\nend\n",
    "white space of 30 MB": lambda: MIXED + b"--b\n" + BASE64 + b" " * 30_000_000 + base64.b64encode(PDF),
    "yEnc of 10 MB": lambda: (
        HEAD + b"\n=ybegin line=128 size=1 name=a.pdf\n" + (b"x" * 124 + b"=@\n") * 80_000 + b"\n=yend\n"
    ),
    "yEnc of escapes": lambda: HEAD + b"\n=ybegin line=128 size=1 name=a.pdf\n" + b"=@" * 1_000_000 + b"\n=yend\n",
}


async def _print_ratios() -> None:
    jail = Jail([PARSE_MEASURED], reads=MEASURED)
    with TemporaryDirectory() as folder:
        for name, build in MONSTERS.items():
            path = Path(folder, "mail")
            path.write_bytes(build())
            found = await measure(jail, path)
            size = found.size_bytes / MEGABYTE
            text = f"{name:45} {size:7.1f} MB {found.cpu_seconds * 1000:8.1f} ms {found.ratio:6.2f}"
            sys.stdout.write(f"{text}  {', '.join(sorted(found.mail.suspicions))}\n")
    await jail.close()


if __name__ == "__main__":
    asyncio.run(_print_ratios())
