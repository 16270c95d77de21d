"""The certificate of the seal and those above it: read from a file, put in order, and judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

LEAST_RSA_BITS = 2048
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


class WrongFile(ValueError):
    """What is wrong with a file, in words that follow the name of its setting; never what it holds."""


def read_file(path: str) -> bytes:
    """
    Return what the file holds.

    Raises:
        WrongFile: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise WrongFile(f"cannot be read: {error.strerror or type(error).__name__}") from None


def is_pem(data: bytes) -> bool:
    """Say whether the file is text in the form of PEM."""
    return b"-----BEGIN " in data


def open_pkcs12(data: bytes, password: str | None) -> PKCS12KeyAndCertificates:
    """
    Return what a PKCS#12 file (.p12, .pfx) holds.

    Raises:
        WrongFile: it is none, or the password does not open it.
    """
    if not data.startswith(b"\x30"):
        raise WrongFile("is neither PEM nor DER nor PKCS#12")
    try:
        return pkcs12.load_pkcs12(data, None if password is None else password.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if password is None:
            raise WrongFile("is no certificate, or a PKCS#12 file whose password MESA_SEAL_PASSWORD must say") from None
        raise WrongFile(
            "cannot be opened as PKCS#12 with MESA_SEAL_PASSWORD: the password is wrong, the file is damaged, "
            "or it was encrypted in a way that is not read any more (openssl pkcs12 -legacy opens such a file)"
        ) from None


def read_certificates(path: str, password: str | None) -> list[x509.Certificate]:
    """
    Return the certificates of a file (PEM, one as DER, PKCS#12), the seal's own first and then who issued each.

    Raises:
        WrongFile: there is none, or they are not those of one seal.
    """
    return _in_order(list(dict.fromkeys(_certificates_in(read_file(path), password))))


def _certificates_in(data: bytes, password: str | None) -> list[x509.Certificate]:
    try:
        if is_pem(data):
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        if is_pem(data):
            raise WrongFile("holds no certificate that can be read") from None
    opened = open_pkcs12(data, password)
    return [each.certificate for each in (opened.cert, *opened.additional_certs) if each is not None]


def _in_order(certificates: list[x509.Certificate]) -> list[x509.Certificate]:
    own = [each for each in certificates if not any(is_issued_by(it, each) for it in certificates if it != each)]
    if len(own) != 1:
        raise WrongFile("must hold the certificate of one seal, and besides only those of who issued it")
    chain, left = own, [each for each in certificates if each not in own]
    while above := next((each for each in left if is_issued_by(chain[-1], each)), None):
        chain.append(above)
        left.remove(above)
    if left:
        raise WrongFile(f"holds a certificate that is not above that of the seal: {left[0].subject.rfc4514_string()}")
    return chain


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Say whether *issuer* signed a certificate; a root is issued by itself."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def faults_of(certificate: x509.Certificate) -> Iterator[str]:
    """Yield why no seal may be made with a certificate, whenever that is; in words like those of `WrongFile`."""
    try:
        key, extensions = certificate.public_key(), certificate.extensions
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        yield "has a key or extensions that cannot be read"
        return
    match key:
        case rsa.RSAPublicKey(key_size=bits):
            if bits < LEAST_RSA_BITS:
                yield f"has an RSA key of {bits} bits; {LEAST_RSA_BITS} are the least"
        case ec.EllipticCurvePublicKey(curve=curve):
            if not isinstance(curve, CURVES):
                yield f"has a key on the curve {curve.name}; P-256, P-384 and P-521 can be used"
        case _:
            yield "has a key that is neither RSA nor on one of the curves P-256, P-384 and P-521"
    yield from _faults_of_extensions(extensions)


def _faults_of_extensions(extensions: x509.Extensions) -> Iterator[str]:
    for extension in extensions:
        match extension.value:
            case x509.KeyUsage(digital_signature=False, content_commitment=False):
                yield "is not for signing: its key usage has neither digitalSignature nor nonRepudiation"
            case x509.BasicConstraints(ca=True):
                yield "is that of an authority, not that of a seal"
            case _:
                pass
