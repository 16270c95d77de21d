"""A time stamping authority: `openssl ts` behind a small HTTP server, which can be told to misbehave."""

from __future__ import annotations

import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.seals import issue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFIGURATION = """
[tsa]
default_tsa = mesa
[mesa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa-key.pem
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def why_missing() -> str | None:
    """Return why there is no authority, or None."""
    return None if shutil.which("openssl") else "openssl is missing: apt-get install openssl"


class TimeStamper:
    """The authority; `answers` makes of a query and the right reply what is sent: status, type, body."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.answers: Callable[[bytes, bytes], tuple[int, str, bytes]] = right
        self.asked: list[tuple[dict[str, str], bytes]] = []
        self._serial = threading.Lock()
        self._write_files()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self._server.server_port}/tsa?policy=1"

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, query: bytes) -> bytes:
        """Return what `openssl ts` answers."""
        with self._serial:
            file = self._folder / "query.tsq"
            file.write_bytes(query)
            command = ["openssl", "ts", "-reply", "-config", str(self._folder / "tsa.cnf"), "-queryfile", str(file)]
            return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout

    def _write_files(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        stamps = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        issued = issue(rsa.generate_private_key(65537, 2048), holder="TSA de las pruebas", extended=stamps, serial=7)
        (self._folder / "tsa.pem").write_bytes(issued.pem)
        (self._folder / "tsa-key.pem").write_bytes(issued.key_pem())
        (self._folder / "serial").write_text("01\n")
        (self._folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=self._folder))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stamper = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                stamper.asked.append((dict(self.headers), query))
                status, kind, body = stamper.answers(query, stamper.reply(query))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is that of the library
                pass

        return Handler


def right(query: bytes, reply: bytes) -> tuple[int, str, bytes]:
    """Answer as an authority should."""
    return 200, "application/timestamp-reply", reply
