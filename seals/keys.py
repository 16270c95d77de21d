"""
The key of the seal, when it is in a file: read once, and handed to nobody.

Whoever sealed with it holds it in memory. It is never written, logged or shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from seals.certificates import WrongFile, is_pem, open_pkcs12, read_file
from seals.seal import SealUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class KeySigner:
    """
    Signs by a key in memory; the same data gives the same signature (ECDSA by RFC 6979).

    Where OpenSSL is older than 3.2 a curve's signature is a new one each time, and as good.
    """

    waits = False

    def __init__(self, key: PrivateKey) -> None:
        self._sign: Callable[[bytes], bytes]
        if isinstance(key, rsa.RSAPrivateKey):
            scheme, digest = padding.PKCS1v15(), hashes.SHA256()
            self._sign = lambda data: key.sign(data, scheme, digest)
        else:
            algorithm = _curve_algorithm()
            self._sign = lambda data: key.sign(data, algorithm)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over *data*."""
        return self._sign(data)


def _curve_algorithm() -> ec.ECDSA:
    try:
        return ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    except UnsupportedAlgorithm:
        return ec.ECDSA(hashes.SHA256())


class Keyless:
    """Stands for the key in a part that issues receipts and does not seal them."""

    waits = False

    def sign(self, data: bytes) -> bytes:
        """Refuse."""
        raise SealUnavailable("This part has no key to seal with: MESA_SEAL_KEY")


def read_key(path: str, password: str | None) -> PrivateKey:
    """
    Return the key in a file (PEM, PKCS#12).

    Raises:
        WrongFile: it holds none, or none that can be used.
    """
    data = read_file(path)
    key = _pem_key(data, password) if is_pem(data) else _pkcs12_key(data, password)
    if not isinstance(key, PrivateKey):
        raise WrongFile("holds a key that is neither RSA nor on a curve that can be used")
    return key


def _pkcs12_key(data: bytes, password: str | None) -> object:
    key = open_pkcs12(data, password).key
    if key is None:
        raise WrongFile("is a PKCS#12 file without a key")
    return key


def _pem_key(data: bytes, password: str | None) -> object:
    if b"PRIVATE KEY-----" not in data:
        raise WrongFile("holds no private key")
    is_encrypted = b"ENCRYPTED" in data
    if is_encrypted and password is None:
        raise WrongFile("is encrypted, and MESA_SEAL_PASSWORD is not set")
    try:
        return load_pem_private_key(data, password.encode() if password and is_encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise WrongFile(
            "cannot be opened with MESA_SEAL_PASSWORD" if is_encrypted else "holds no private key that can be read"
        ) from None
