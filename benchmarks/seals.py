"""What a seal costs: beside the bare signature of its key, and beside pyHanko's signer used as its manual says."""

from __future__ import annotations

import argparse
import time
from hashlib import sha256
from statistics import median
from typing import TYPE_CHECKING

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from benchmarks.figures import Figure, parser, run
from seals.keys import KeySigner
from tests.seals import curve_key, issue, make_seal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.seals import Issued, PrivateKey

KEYS: dict[str, Callable[[], PrivateKey]] = {
    "P-256": curve_key,
    "RSA-2048": lambda: rsa.generate_private_key(65537, 2048),
    "RSA-3072": lambda: rsa.generate_private_key(65537, 3072),
}
FEWER_BY_PYHANKO = 20
LEAST_TIMES = 100


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Measure each kind of key, in turns within one process."""
    figures: list[Figure] = []
    for kind, make in KEYS.items():
        figures += await _measure(kind, issue(make()), arguments.rounds)
    return figures


async def _measure(kind: str, issued: Issued, rounds: int) -> list[Figure]:
    seal, signer, theirs = make_seal(issued=issued), KeySigner(issued.key), _pyhanko(issued)
    digests = [sha256(f"{number}".encode()).digest() for number in range(rounds)]

    async def ours(digest: bytes) -> None:
        seal.sign(digest)

    async def bare(digest: bytes) -> None:
        signer.sign(digest)

    async def pyhanko(digest: bytes) -> None:
        await theirs.async_sign(digest, "sha256", use_pades=True)

    ways = {"seal": ours, "bare": bare, "pyHanko": pyhanko}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for number, digest in enumerate(digests):
        for name, way in ways.items():
            if name != "pyHanko" or number % FEWER_BY_PYHANKO == 0:
                spent[name].append(await _microseconds(way, digest))
    cost = {name: median(each[len(each) // 10 :]) for name, each in spent.items()}
    times = cost["pyHanko"] / cost["seal"]
    return [
        Figure(f"{kind}: the bare signature", round(cost["bare"], 1), "µs CPU"),
        Figure(f"{kind}: the seal", round(cost["seal"], 1), "µs CPU"),
        Figure(f"{kind}: pyHanko's signer", round(cost["pyHanko"], 1), "µs CPU"),
        Figure(
            f"{kind}: so many seals for one of pyHanko's",
            round(times, 1),
            "times",
            f"{LEAST_TIMES}",
            times >= LEAST_TIMES,
        ),
    ]


async def _microseconds(way: Callable[[bytes], Awaitable[None]], digest: bytes) -> float:
    began = time.process_time_ns()
    await way(digest)
    return (time.process_time_ns() - began) / 1000


def _pyhanko(issued: Issued) -> SimpleSigner:
    """Return pyHanko's signer with its defaults."""
    key = PrivateKeyInfo.load(issued.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    return SimpleSigner(
        signing_cert=Certificate.load(issued.der), signing_key=key, cert_registry=SimpleCertificateStore()
    )


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--rounds", type=int, default=400, help="so many seals by each kind of key")
    run(command_line.parse_args(), measure)
