"""A seal for tests: the same key and the same certificates in every process, made in a few milliseconds."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from mesadepartes.clock import now
from seals.keys import KeySigner
from seals.seal import FOR_DEVELOPMENT, Seal

if TYPE_CHECKING:
    from collections.abc import Callable

    from seals.seal import Signer

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

HOLDER = "Instituto Nacional Penitenciario (sello de PRUEBA)"
ISSUER = "CA de las pruebas"
BEGINS, ENDS = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
SIGNS = ("digital_signature", "content_commitment")
USAGES = (
    *SIGNS, "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
    "decipher_only",
)  # fmt: skip


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    key: PrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate as DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self, password: bytes | None = None) -> bytes:
        """Return the key as PEM."""
        sealed = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed)


def curve_key(secret: int = 20260309, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """Return a key that is the same each time."""
    return ec.derive_private_key(secret, curve or ec.SECP256R1())


def issue(
    key: PrivateKey,
    *,
    holder: str = HOLDER,
    by: Issued | None = None,
    begins: datetime = BEGINS,
    ends: datetime = ENDS,
    usages: tuple[str, ...] = SIGNS,
    is_for_development: bool = False,
    extended: x509.ExtendedKeyUsage | None = None,
    serial: int = 2,
) -> Issued:
    """Return a certificate for *key*, by the authority of the tests or another."""
    by = by or authority()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, holder)])
    builder = _dated(x509.CertificateBuilder(), begins, ends).subject_name(name).serial_number(serial)
    builder = builder.issuer_name(by.certificate.subject).public_key(key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    if usages:
        builder = builder.add_extension(x509.KeyUsage(**{each: each in usages for each in USAGES}), critical=True)
    if extended is not None:
        builder = builder.add_extension(extended, critical=True)
    if is_for_development:
        mark = x509.UnrecognizedExtension(x509.ObjectIdentifier(FOR_DEVELOPMENT), b"\x05\x00")
        builder = builder.add_extension(mark, critical=False)
    return Issued(key, _signed(builder, by.key))


def make_authority(
    name: str = ISSUER,
    *,
    key: PrivateKey,
    by: Issued | None = None,
    is_authority: bool = True,
    usages: tuple[str, ...] = ("key_cert_sign", "crl_sign"),
    path_length: int | None = None,
) -> Issued:
    """Return an authority, by itself or by another; or what lacks something to be one."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = by.certificate.subject if by else subject
    builder = _dated(x509.CertificateBuilder(), BEGINS, ENDS).subject_name(subject).issuer_name(issuer)
    builder = builder.serial_number(x509.random_serial_number() if by else 1).public_key(key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=path_length), critical=True)
    builder = builder.add_extension(x509.KeyUsage(**{each: each in usages for each in USAGES}), critical=True)
    return Issued(key, _signed(builder, by.key if by else key))


@cache
def authority() -> Issued:
    """Return the authority of the tests."""
    return make_authority(key=curve_key(20260101))


@cache
def seal_certificate() -> Issued:
    """Return the certificate of the counter's seal, for development."""
    return issue(curve_key(), is_for_development=True)


def make_seal(
    clock: Callable[[], datetime] = now, *, issued: Issued | None = None, signer: Signer | None = None
) -> Seal:
    """Return the seal of the test counter, or one by another certificate."""
    if issued is None and signer is None:
        return _at(clock)
    issued = issued or seal_certificate()
    return Seal(signer or KeySigner(issued.key), [issued.der, authority().der], clock=clock)


def _at(clock: Callable[[], datetime]) -> Seal:
    """Return the seal of the test counter by this clock; what is built of its certificate is built once."""
    seal = copy(_lasting_seal())
    vars(seal)["_clock"] = clock
    return seal


@cache
def _lasting_seal() -> Seal:
    return Seal(KeySigner(seal_certificate().key), [seal_certificate().der, authority().der], clock=now)


@cache
def seal_environ() -> dict[str, str]:
    """Return the settings of that seal, whose files are there until the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="mesa-seal-"))
    atexit.register(shutil.rmtree, folder)
    issued = seal_certificate()
    (folder / "seal.pem").write_bytes(issued.pem + authority().pem)
    (folder / "key.pem").write_bytes(issued.key_pem())
    return {"MESA_SEAL_CERTIFICATE": str(folder / "seal.pem"), "MESA_SEAL_KEY": str(folder / "key.pem")}


def _dated(builder: x509.CertificateBuilder, begins: datetime, ends: datetime) -> x509.CertificateBuilder:
    return builder.not_valid_before(begins).not_valid_after(ends)


def _signed(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    is_curve = isinstance(key, ec.EllipticCurvePrivateKey)
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True if is_curve else None)
