"""The least that any intake must do with a mail's bytes, in C all of it: read, hash, decode, hash, write."""

from __future__ import annotations

import hashlib
import os
import time
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

import pybase64

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILOBYTE, MEGABYTE = 1024, 1024 * 1024
DOCUMENT_BEGINS, DOCUMENT_ENDS = b"%PDF-1.7\n", b"\n%%EOF\n"


def write_mails(folder: Path, *, number: int, size_bytes: int) -> list[Path]:
    """Write mails that differ, each with one document of that size, and return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for place in range(number):
        path = folder / f"{place}.eml"
        path.write_bytes(mail_of(size_bytes, sender=f"persona{place}@example.pe"))
        paths.append(path)
    return paths


def mail_of(*sizes_bytes: int, sender: str) -> bytes:
    """Return a mail with documents of random bytes, of those sizes."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Persona <{sender}>"
    mail["To"] = "mesadepartes@example.pe"
    mail["Subject"] = "Solicito copia certificada"
    mail["Message-ID"] = f"<{os.urandom(8).hex()}@example.pe>"
    mail.set_content("Buenos días. Adjunto mi solicitud.")
    for place, size in enumerate(sizes_bytes):
        document = DOCUMENT_BEGINS + os.urandom(size - len(DOCUMENT_BEGINS + DOCUMENT_ENDS)) + DOCUMENT_ENDS
        mail.add_attachment(document, maintype="application", subtype="pdf", filename=f"documento-{place}.pdf")
    return mail.as_bytes()


def floor_seconds(paths: list[Path], folder: Path) -> float:
    """
    Return the CPU seconds of the floor for those mails.

    What it writes to the new *folder* stays: to make files where others were just removed takes some disks far longer.
    """
    folder.mkdir()
    began = time.process_time()
    for path in paths:
        for place, content in enumerate(_contents(path)):
            hashlib.sha256(content)
            (folder / f"{path.stem}.{place}").write_bytes(content)
    return time.process_time() - began


def _contents(path: Path) -> Iterator[bytes]:
    """Yield the mail and its document, found by what a generator of mails knows of its own."""
    content = path.read_bytes()
    yield content
    begins = content.index(b"\r\n\r\n", content.index(b"base64")) + 4
    ends = content.index(b"\r\n--", begins)
    yield pybase64.b64decode(content[begins:ends].translate(None, b"\r\n"))
