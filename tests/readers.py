"""What other programs say of a sealed PDF: pyHanko, and pdfsig of poppler with a database of trusted authorities."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.seals import authority

if TYPE_CHECKING:
    from pathlib import Path

VALID = ("Signature is Valid.", "Certificate is Trusted.", "Total document signed")


def why_missing() -> str | None:
    """Return why pdfsig cannot be asked, or None."""
    lacking = [each for each in ("pdfsig", "certutil") if shutil.which(each) is None]
    return f"{lacking} missing: apt-get install poppler-utils libnss3-tools" if lacking else None


def ask_pyhanko(content: bytes) -> Any:
    """Return pyHanko's verdict on the one signature of a file, for who trusts the authority of the tests."""
    (embedded,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    context = ValidationContext(trust_roots=[Certificate.load(authority().der)], allow_fetching=False)
    return validate_pdf_signature(embedded, context)


@dataclass(frozen=True)
class PdfSig:
    """pdfsig with a database of trusted authorities."""

    folder: Path

    @classmethod
    def trusting_tests(cls, folder: Path) -> PdfSig:
        """Make a database that trusts the authority of the tests."""
        return cls.trusting(folder, authority().pem)

    @classmethod
    def trusting(cls, folder: Path, pem: bytes) -> PdfSig:
        """Make a database that trusts an authority."""
        (folder / "ca.pem").write_bytes(pem)
        _call("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
        _call("certutil", "-A", "-d", f"sql:{folder}", "-n", "tests", "-t", "C,C,C", "-i", str(folder / "ca.pem"))
        return cls(folder)

    def ask(self, content: bytes) -> str:
        """Return what pdfsig says of a file."""
        file = self.folder / "asked.pdf"
        file.write_bytes(content)
        asked = ["pdfsig", "-nssdir", f"sql:{self.folder}", str(file)]
        return subprocess.run(asked, capture_output=True, timeout=60, check=False).stdout.decode()

    def is_satisfied(self, content: bytes) -> bool:
        """Say whether it finds the whole file signed by somebody trusted."""
        said = self.ask(content)
        return all(each in said for each in VALID)


def _call(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)
