"""Mails for tests: well-formed ones by the standard library, broken ones byte by byte."""

from __future__ import annotations

import textwrap
from email.message import EmailMessage
from email.policy import SMTP

PDF = b"%PDF-1.7\n% a small document\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
ZIP = b"PK\x03\x04" + b"\0" * 100

SENDER = "Rosa Ñaupari <rosa@example.pe>"


def write_mail(
    *files: tuple[str, bytes], sender: str = SENDER, subject: str = "Solicito copia", text: str = "Buenos días."
) -> EmailMessage:
    """Return a mail as an ordinary program writes it, with the files attached."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = "mesadepartes@example.pe"
    mail["Subject"] = subject
    mail["Message-ID"] = "<1@example.pe>"
    mail.set_content(text)
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail


def raw_mail(text: str) -> bytes:
    """Return the bytes of an indented text, with CRLF."""
    return textwrap.dedent(text).lstrip("\n").replace("\n", "\r\n").encode()
