"""
Checking signatures on receipts, heads of the log and time stamps: offline, by the certificates that are given.

By pyHanko, as any program would; those on receipts besides by `seals.checks`, which takes nothing but what the counter
writes.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from rules.proof_reading import WrongForm
from seals.checks import SealProblem, check_detached
from seals.seal import FOR_DEVELOPMENT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

LARGEST_CERTIFICATES = 1 << 20
NOT_BACKED = "no lo respalda ninguno de los certificados que usted dio"
LATEST = timedelta(days=31)
"""So long after the instant that is proven a signature may be made: what waits for a new certificate is sealed late."""


class WrongSignature(Exception):
    """A signature is none, or is not of what it should be of; the message says in Spanish what is wrong."""


@dataclass(frozen=True)
class Trust:
    """The certificates of whom the verifier trusts: of authorities, or of the institution itself. May be none."""

    certificates: tuple[x509.Certificate, ...]

    @classmethod
    def of_files(cls, files: Sequence[bytes]) -> Self:
        """
        Return those that the files hold, as PEM (any number in a file) or DER.

        Raises:
            WrongForm: a file holds none.
        """
        return cls(tuple(certificate for data in files for certificate in _certificates(data)))

    def names(self, certificate: Any) -> bool:
        """Tell whether this very certificate was given."""
        return certificate.dump() in map(_der, self.certificates)


@dataclass(frozen=True)
class Signer:
    """
    Who signed. `problem` says in Spanish why that is not believed; None if it is, or if nothing was given to tell.

    `is_named` when the certificate itself was given, and not only that of its authority. `since` is when the
    certificate began to hold, if that was long after the instant in question: so much later it was signed.
    """

    holder: str
    issuer: str
    identity: str
    is_for_development: bool
    is_named: bool
    since: datetime | None
    problem: str | None


def check_signature(signature: bytes, digest: bytes, *, trust: Trust, since: datetime) -> Signer:
    """
    Check a detached CMS signature over what has this SHA-256, made at *since* or soon after it.

    Raises:
        WrongSignature: it is none, or of something else.
    """
    from pyhanko.sign.validation.generic_cms import async_validate_cms_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints

    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    try:
        signed, certificate = _read(signature)
        moment = _moment(certificate, since)
        status = asyncio.run(
            async_validate_cms_signature(
                signed, raw_digest=digest, validation_context=_context(trust, moment), key_usage_settings=usage
            )
        )
    except (ValueError, TypeError, LookupError) as error:  # what asn1crypto and pyHanko raise on what is no signature
        raise WrongSignature("no es una firma que se pueda leer") from error
    if not status.intact:
        raise WrongSignature("es la firma de otro contenido")
    if not status.valid:
        raise WrongSignature("la firma no corresponde a su certificado")
    problem = _problem(certificate, since, is_trusted=status.trusted or not trust.certificates)
    return _signer(certificate, trust, _late(certificate, since), problem)


def check_seal(signature: bytes, digest: bytes, *, trust: Trust, since: datetime) -> Signer:
    """
    Check the signature of a receipt, as `check_signature`, and that no byte of it could be another.

    Raises:
        WrongSignature: it is none, is of something else, or the counter does not write it so.
    """
    signer = check_signature(signature, digest, trust=trust, since=since)
    strict = check_detached(signature, digest, trust.certificates, at=None).problems
    if SealProblem.MALFORMED in strict or SealProblem.NOT_SIGNED in strict:
        raise WrongSignature("no está escrita como la escribe la mesa de partes")
    if SealProblem.UNFIT_CERTIFICATE in strict:
        return replace(signer, problem="no es un certificado para sellar")
    if SealProblem.UNTRUSTED in strict and trust.certificates:
        return replace(signer, problem=signer.problem or NOT_BACKED)
    return signer


def is_signed_by(signature: bytes, digest: bytes, chain: bytes) -> bool:
    """Tell whether what has this SHA-256 was signed by the first certificate of a PEM *chain*, as the counter does."""
    try:
        certificates = x509.load_pem_x509_certificates(chain)
    except ValueError:
        return False
    verdict = check_detached(signature, digest, certificates, at=None)
    return not verdict.problems and verdict.certificate == certificates[0]


def say_late(since: datetime) -> str:
    """Return in Spanish that a signature is by a certificate of later."""
    return f"el certificado empezó a valer recién el {since:%d/%m/%Y}"


def sha256(data: bytes) -> bytes:
    """Return the digest of *data*."""
    return hashlib.sha256(data).digest()


def _certificates(data: bytes) -> list[x509.Certificate]:
    if len(data) > LARGEST_CERTIFICATES:
        raise WrongForm("", "un archivo de certificados de hasta 1 MB")
    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        raise WrongForm("", "un certificado X.509, en PEM o DER") from None


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _read(signature: bytes) -> tuple[Any, Any]:
    from asn1crypto import cms
    from pyhanko.sign.general import extract_signer_info
    from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

    content = cms.ContentInfo.load(signature, strict=True)
    if content["content_type"].native != "signed_data":
        raise ValueError("no signed data")
    signed = content["content"]
    extract_signer_info(signed)
    return signed, extract_certs_for_validation(signed).signer_cert


def _context(trust: Trust, moment: datetime) -> Any:
    from asn1crypto.x509 import Certificate
    from pyhanko_certvalidator import ValidationContext

    roots = [Certificate.load(_der(each)) for each in trust.certificates]
    return ValidationContext(trust_roots=roots, moment=moment, allow_fetching=False, revocation_mode="soft-fail")


def _moment(certificate: Any, since: datetime) -> datetime:
    return max(certificate.not_valid_before, since)


def _late(certificate: Any, since: datetime) -> datetime | None:
    began: datetime = certificate.not_valid_before
    return began if began > since + LATEST else None


def _problem(certificate: Any, since: datetime, *, is_trusted: bool) -> str | None:
    if certificate.not_valid_after < since:
        return f"el certificado había vencido el {certificate.not_valid_after:%d/%m/%Y}, antes de esa fecha"
    return None if is_trusted else NOT_BACKED


def _signer(certificate: Any, trust: Trust, since: datetime | None, problem: str | None) -> Signer:
    return Signer(
        holder=_name_of(certificate.subject),
        issuer=_name_of(certificate.issuer),
        identity=_identity(certificate.subject),
        is_for_development=any(
            each["extn_id"].native == FOR_DEVELOPMENT for each in certificate["tbs_certificate"]["extensions"]
        ),
        is_named=trust.names(certificate),
        since=since,
        problem=problem,
    )


def _identity(name: Any) -> str:
    """Return what stays when a certificate is renewed: the organization by its number or name, or else its name."""
    parts = name.native
    found = parts.get("organization_identifier") or parts.get("organization_name") or _name_of(name)
    return found if isinstance(found, str) else found[0]


def _name_of(name: Any) -> str:
    parts = name.native
    found = parts.get("common_name") or parts.get("organization_name") or name.human_friendly
    return found if isinstance(found, str) else found[0]
