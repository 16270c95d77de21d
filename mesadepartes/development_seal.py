"""The seal of `run`: an authority and a certificate that say that they are for development, made once and renewed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from actions.seal_watch import WARNED_BEFORE
from mesadepartes.development import AUTHORITY_FILE
from mesadepartes.embedded.disk import write_private
from seals.certificates import is_issued_by
from seals.seal import FOR_DEVELOPMENT

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

AUTHORITY = "CA de desarrollo – sin valor legal"
SUFFIX = " (sello de PRUEBA)"
LONGEST_NAME_BYTES = 64
AUTHORITY_LASTS = timedelta(days=3650)
SEAL_LASTS = timedelta(days=365)
EARLIER = timedelta(days=1)
"""Certificates hold from the day before, should clocks differ."""

AUTHORITY_KEY_FILE = "ca-key.pem"
SEAL_FILE, SEAL_KEY_FILE = "seal.pem", "seal-key.pem"


def keep_development_seal(folder: Path, entity: str, *, at: datetime) -> dict[str, str]:
    """
    Return the settings of a seal for development, whose files are made in *folder* if need be.

    The certificate is made anew for another entity's name and when it ends within 30 days; the authority when it
    would end before its certificates.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, authority = _authority(folder, at)
    holder = entity.encode()[: LONGEST_NAME_BYTES - len(SUFFIX)].decode(errors="ignore") + SUFFIX
    seal = _read(folder, SEAL_FILE, SEAL_KEY_FILE)
    if seal is None or not _is_fresh(seal[1], at) or not _is_of(seal[1], holder, authority):
        _write_seal(folder, holder, key, authority, at)
    return {
        "MESA_SEAL_CERTIFICATE": str((folder / SEAL_FILE).absolute()),
        "MESA_SEAL_KEY": str((folder / SEAL_KEY_FILE).absolute()),
    }


def _authority(folder: Path, at: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    kept = _read(folder, AUTHORITY_FILE, AUTHORITY_KEY_FILE)
    if kept is not None and kept[1].not_valid_after_utc > at + SEAL_LASTS:
        return kept
    key = ec.generate_private_key(ec.SECP256R1())
    usage = {"key_cert_sign": True, "crl_sign": True}
    builder = _builder(AUTHORITY, AUTHORITY, key, at, AUTHORITY_LASTS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = _marked(builder, usage).sign(key, SHA256())
    _write(folder, AUTHORITY_KEY_FILE, key)
    write_private(folder / AUTHORITY_FILE, made.public_bytes(Encoding.PEM))
    return key, made


def _write_seal(
    folder: Path, holder: str, issuer_key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate, at: datetime
) -> None:
    """Write key and certificate; a crash in between leaves a pair that does not fit, and is made anew."""
    key = ec.generate_private_key(ec.SECP256R1())
    usage = {"digital_signature": True, "content_commitment": True}
    builder = _builder(holder, AUTHORITY, key, at, SEAL_LASTS)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    made = _marked(builder.add_extension(above, critical=False), usage).sign(issuer_key, SHA256())
    (folder / SEAL_FILE).unlink(missing_ok=True)
    _write(folder, SEAL_KEY_FILE, key)
    write_private(folder / SEAL_FILE, made.public_bytes(Encoding.PEM) + issuer.public_bytes(Encoding.PEM))


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, at: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(at - EARLIER).not_valid_after(at + lasts)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _marked(builder: x509.CertificateBuilder, usage: dict[str, bool]) -> x509.CertificateBuilder:
    others = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    builder = builder.add_extension(x509.KeyUsage(**{**dict.fromkeys(others, False), **usage}), critical=True)
    mark = x509.UnrecognizedExtension(x509.ObjectIdentifier(FOR_DEVELOPMENT), b"\x05\x00")
    return builder.add_extension(mark, critical=False)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _read(folder: Path, file: str, key_file: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
    """Return a key with its certificate; None if one of them is missing, damaged or not that of the other."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / file).read_bytes())
        key = load_pem_private_key((folder / key_file).read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    return key, certificate


def _is_fresh(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_after_utc - at > WARNED_BEFORE


def _is_of(seal: x509.Certificate, holder: str, authority: x509.Certificate) -> bool:
    return seal.subject == _name(holder) and is_issued_by(seal, authority)


def _write(folder: Path, name: str, key: ec.EllipticCurvePrivateKey) -> None:
    write_private(folder / name, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
