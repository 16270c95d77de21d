"""A token (PKCS#11) of the test's own: SoftHSM, which keeps its keys in a folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.seals import Issued

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")
PIN, SO_PIN = "314159", "271828"


def why_missing() -> str | None:
    """Return why there is no token, or None."""
    if shutil.which("softhsm2-util") and any(Path(each).exists() for each in LIBRARIES):
        return None
    return "softhsm2-util is missing: apt-get install softhsm2"


class Token:
    """One token called `mesa` with the keys that were put on it."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._keys = folder / "tokens"
        self._keys.mkdir(parents=True)
        (folder / "softhsm2.conf").write_text(f"directories.tokendir = {self._keys}\nlog.level = ERROR\n")
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        self._folder = folder
        self.module = next(each for each in LIBRARIES if Path(each).exists())
        self._call("--init-token", "--free", "--label", "mesa", "--so-pin", SO_PIN, "--pin", PIN)

    def put(self, issued: Issued, *, label: str, number: str = "01") -> None:
        """Put a key on the token."""
        file = self._folder / "key.pem"
        file.write_bytes(issued.key_pem())
        self._call("--import", str(file), "--token", "mesa", "--label", label, "--id", number, "--pin", PIN)
        file.unlink()

    def leave(self) -> None:
        """Take the token away."""
        self._keys.rename(self._keys.with_name("elsewhere"))
        self._keys.mkdir()

    def come_back(self) -> None:
        """Put it in again."""
        self._keys.rmdir()
        self._keys.with_name("elsewhere").rename(self._keys)

    def _call(self, *words: str) -> None:
        subprocess.run(["softhsm2-util", *words], check=True, capture_output=True, timeout=60)
