"""
The key of the seal: loaded once, when a part starts, and handed to nobody.

Whoever sealed with it holds it in memory, or asks the token that does. It is never written, logged or shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from actions.seal_watch import tell_of_end
from mesadepartes import seal_certificates
from mesadepartes.seal_certificates import WrongFile
from mesadepartes.settings import WrongSettings
from receipts.seal import Seal, SealUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography import x509

    from mesadepartes.settings import Settings
    from receipts.seal import Signer

TOKEN = "pkcs11:"  # noqa: S105 - a scheme


def load_seal(settings: Settings, *, clock: Callable[[], datetime]) -> Seal | None:
    """
    Return the seal, None when none is set; without a key one that knows its names and cannot seal.

    A certificate out of its time, or a token that is away, is logged: what waits for the seal is not lost.

    Raises:
        WrongSettings: no receipt could ever be sealed like this.
    """
    if settings.seal_certificate is None:
        return None
    chain = _chain(settings, settings.seal_certificate)
    signer = _signer(settings, chain[0]) if settings.seal_key else _Keyless()
    seal = Seal(signer, [each.public_bytes(Encoding.DER) for each in chain], clock=clock)
    tell_of_end(seal, at=clock())
    return seal


class KeySigner:
    """
    Signs by a key in memory; the same data gives the same signature (ECDSA by RFC 6979).

    Where OpenSSL is older than 3.2 a curve's signature is a new one each time, and as good.
    """

    waits = False

    def __init__(self, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
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


class _Keyless:
    """Stands for the key in a part that issues receipts and does not seal them."""

    waits = False

    def sign(self, data: bytes) -> bytes:
        """Refuse."""
        raise SealUnavailable("This part has no key to seal with: MESA_SEAL_KEY")


def _chain(settings: Settings, path: str) -> list[x509.Certificate]:
    try:
        chain = seal_certificates.read_certificates(path, settings.seal_password)
    except WrongFile as wrong:
        raise WrongSettings([f"MESA_SEAL_CERTIFICATE ({path}) {wrong}"]) from None
    if faults := [f"MESA_SEAL_CERTIFICATE ({path}) {each}" for each in seal_certificates.faults_of(chain[0])]:
        raise WrongSettings(faults)
    return chain


def _signer(settings: Settings, certificate: x509.Certificate) -> Signer:
    assert settings.seal_key is not None
    if settings.seal_key.startswith(TOKEN):
        from mesadepartes.seal_token import TokenSigner, read_place

        place = read_place(settings.seal_key, module=settings.seal_module)
        signer = TokenSigner(place, settings.seal_password, certificate.public_key())
        signer.try_out()
        return signer
    try:
        key = _read_key(settings.seal_key, settings.seal_password)
    except WrongFile as wrong:
        raise WrongSettings([f"MESA_SEAL_KEY ({settings.seal_key}) {wrong}"]) from None
    if key.public_key() != certificate.public_key():
        raise WrongSettings([f"MESA_SEAL_KEY ({settings.seal_key}) is not the key of MESA_SEAL_CERTIFICATE"])
    return KeySigner(key)


def _read_key(path: str, password: str | None) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    data = seal_certificates.read_file(path)
    key = _pem_key(data, password) if seal_certificates.is_pem(data) else _pkcs12_key(data, password)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise WrongFile("holds a key that is neither RSA nor on a curve that can be used")
    return key


def _pkcs12_key(data: bytes, password: str | None) -> object:
    key = seal_certificates.open_pkcs12(data, password).key
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
