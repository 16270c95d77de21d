"""A private clamd (ClamAV 1.x, as Debian has it) with signatures of our own: EICAR's, and a marker that is ours."""

from __future__ import annotations

import os
import shutil
import signal
from datetime import timedelta
from pathlib import Path

from files.antivirus import Address, Clamd, Patience
from files.antivirus_probes import EICAR
from mesadepartes.embedded.keeper import Kept, Servant, until
from tests.servers.dovecot import HOST, free_port

PATIENCE = timedelta(seconds=60)
PROGRAM = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")

MARKER = b"MESA-DE-PARTES" + b"-MARKER-OF-MALWARE-FOR-TESTS"
"""Written in two parts, so that no antivirus that knows it finds it in the source."""

SIGNATURES = {"Eicar-Test-Signature": ("0", EICAR), "Mesa.Test.Marker": ("*", MARKER)}

RECOMMENDED = """
AlertExceedsMax yes
AlertEncrypted yes
AlertOLE2Macros yes
MaxScanSize 200M
MaxFileSize 100M
StreamMaxLength 64M
MaxScanTime 20000
"""
"""What the documentation tells administrators to set."""

CONFIGURATION = """
Foreground yes
DatabaseDirectory {root}/signatures
TemporaryDirectory {root}/temporary
LocalSocket {root}/clamd.ctl
TCPSocket {port}
TCPAddr {host}
CommandReadTimeout 5
ReadTimeout 10
MaxThreads 4
ConcurrentDatabaseReload no
SelfCheck 0
{more}
"""


def why_missing() -> str | None:
    """Return what to install when this machine has no clamd."""
    return None if PROGRAM else "clamd is missing: apt-get install clamav-daemon"


class ClamdServer:
    """The daemon, by socket and by TCP; *more* are further lines of its configuration."""

    def __init__(self, root: Path, *, more: str = RECOMMENDED) -> None:
        self.root = root
        self.port = free_port()
        self._more = more
        self._process: Kept | None = None

    @property
    def by_socket(self) -> Address:
        """Where it listens on this machine."""
        return Address(path=str(self.root / "clamd.ctl"))

    @property
    def by_tcp(self) -> Address:
        """Where it listens for others."""
        return Address(host=HOST, port=self.port)

    def client(self, **patience: float) -> Clamd:
        """Return a client of it."""
        return Clamd(self.by_socket, Patience(**patience))

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        for name in ("signatures", "temporary"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        lines = [f"{name}:0:{place}:{mark.hex()}\n" for name, (place, mark) in SIGNATURES.items()]
        (self.root / "signatures" / "tests.ndb").write_text("".join(lines))
        configuration = self.root / "clamd.conf"
        configuration.write_text(CONFIGURATION.format(root=self.root, port=self.port, host=HOST, more=self._more))
        with (self.root / "clamd.out").open("ab") as output:
            command = [PROGRAM or "clamd", "-c", str(configuration)]
            ourselves = Servant(os.geteuid(), os.getegid())
            self._process = process = Kept(command, servant=ourselves, cwd=self.root, output=output)
        await until(lambda: process.has_ended or self._answers(), PATIENCE)
        if process.has_ended:
            raise RuntimeError(f"clamd does not serve: {(self.root / 'clamd.out').read_text()[-2000:]}")

    def _answers(self) -> bool:
        return self.client().answers() and Clamd(self.by_tcp).answers()

    async def stop(self) -> None:
        """End it, whatever it does."""
        if self._process:
            self._process.send(signal.SIGKILL)
            assert await self._process.end(PATIENCE), "clamd does not end"
