"""
Checking a seal without the counter: whether a digest was signed as it signs, by a certificate that is trusted.

Stricter than any reader of PDF: what was signed, and how it is written down, must be what the counter makes of it,
byte for byte, so that no byte of a sealed file can be another. Nothing is asked of the network: whether the
certificate was revoked is for who can ask its authority.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from asn1crypto import cms as asn1_cms
from asn1crypto import tsp as asn1_tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from seals.certificates import faults_of, is_issued_by
from seals.seal import DIGEST_BYTES, Seal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

_ = asn1_tsp.SigningCertificateV2
"""That module makes its attribute known to the other one, which never learns it once it has read a signature."""

BYTE_RANGE = re.compile(rb"/ByteRange\[0 ( {0,9}\d{1,10}) ( {0,9}\d{1,10}) ( {0,9}\d{1,10})\]")
LONGEST_CHAIN = 8
KNOWN_EXTENSIONS = frozenset({"2.5.29.15", "2.5.29.19", "2.5.29.32", "2.5.29.37"})
"""Critical extensions of certificates that are understood: key usage, basic constraints, policies, extended usage."""


class SealProblem(StrEnum):
    """Why a seal proves nothing."""

    NOT_SEALED = "NOT_SEALED"
    """There is no signature over the whole file, or not one as the counter writes it."""
    OTHER_CONTENT = "OTHER_CONTENT"
    """What was signed is not this."""
    MALFORMED = "MALFORMED"
    """The signature is not written as the counter writes it."""
    NOT_SIGNED = "NOT_SIGNED"
    """The key of the certificate did not sign this."""
    UNFIT_CERTIFICATE = "UNFIT_CERTIFICATE"
    """The certificate is not one for seals."""
    UNTRUSTED = "UNTRUSTED"
    """No trusted certificate is above that of the seal."""
    OUT_OF_TIME = "OUT_OF_TIME"
    """A certificate did not hold at the time in question."""


@dataclass(frozen=True)
class SealedPart:
    """What a sealed file holds: the signature, the SHA-256 of all the rest, which it is over, and its room in bytes."""

    cms: bytes
    digest: bytes
    room: int


@dataclass(frozen=True)
class SealVerdict:
    """
    What was found, by whose certificate the seal is, and the bytes that such seals take at most.

    The certificate may be anybody's if there are problems.
    """

    problems: tuple[SealProblem, ...]
    certificate: x509.Certificate | None = None
    room: int | None = None


def read_sealed(content: bytes) -> SealedPart | None:
    """
    Return the seal of a receipt; None if there is none that is over the whole file.

    The signature's digits are capitals, and after them there is nothing but zeros.
    """
    places = {tuple(map(int, found.groups())) for found in BYTE_RANGE.finditer(content)}
    parts = [part for part in (_part(content, *place) for place in places) if part]
    return parts[0] if len(parts) == 1 else None


def _part(content: bytes, start: int, end: int, size: int) -> SealedPart | None:
    if not 0 < start < end or end + size != len(content):
        return None
    digits = content[start + 1 : end - 1]
    if content[start : start + 1] != b"<" or content[end - 1 : end] != b">" or not re.fullmatch(rb"[0-9A-F]*", digits):
        return None
    if len(digits) % 2 or digits[:4] != b"3082":
        return None
    room = bytes.fromhex(digits.decode())
    length = 4 + int.from_bytes(room[2:4])
    if any(room[length:]):
        return None
    digest = sha256(content[:start])
    digest.update(content[end:])
    return SealedPart(room[:length], digest.digest(), len(room))


def check_sealed(content: bytes, trusted: Sequence[x509.Certificate], *, at: datetime | None) -> SealVerdict:
    """Judge the seal of a file, as `check_detached` does."""
    part = read_sealed(content)
    if part is None:
        return SealVerdict((SealProblem.NOT_SEALED,))
    verdict = check_detached(part.cms, part.digest, trusted, at=at)
    if not verdict.problems and verdict.room != part.room:
        return replace(verdict, problems=(SealProblem.MALFORMED,))
    return verdict


def check_detached(
    cms: bytes, digest: bytes, trusted: Sequence[x509.Certificate], *, at: datetime | None
) -> SealVerdict:
    """
    Judge a signature over what has this SHA-256; without problems it is good.

    *trusted* are certificates of authorities, or that of the seal itself. The certificates must hold at the instant
    *at*; None leaves that open.
    """
    read = _read(cms)
    if read is None:
        return SealVerdict((SealProblem.MALFORMED,))
    own = read.chain[0]
    if not _is_understood(own) or next(faults_of(own), None) is not None:
        return SealVerdict((SealProblem.UNFIT_CERTIFICATE,), own)
    problems = list(_problems_of_chain(read.chain, trusted, at))
    if read.digest != digest:
        problems.append(SealProblem.OTHER_CONTENT)
    replay = _Replay(read.signature)
    seal = _seal_of(read, replay)
    if seal is None or seal.sign(read.digest) != cms:
        problems.append(SealProblem.MALFORMED)
    elif not _is_signed(own, read.signature, replay.data):
        problems.append(SealProblem.NOT_SIGNED)
    return SealVerdict(tuple(problems), own, seal.room if seal else None)


@dataclass(frozen=True)
class _Read:
    """What a signature says: its certificates, the seal's own first, the digest and the signature proper."""

    chain: tuple[x509.Certificate, ...]
    digest: bytes
    signature: bytes


class _Replay:
    """Answers with a known signature, and remembers what it was to sign."""

    waits = False

    def __init__(self, signature: bytes) -> None:
        self._signature = signature
        self.data = b""

    def sign(self, data: bytes) -> bytes:
        self.data = data
        return self._signature


def _read(cms: bytes) -> _Read | None:
    """Return what a signature says; None if it cannot be read."""
    try:
        signed = asn1_cms.ContentInfo.load(cms, strict=True)["content"]
        (signer,) = signed["signer_infos"]
        (digest,) = next(each["values"] for each in signer["signed_attrs"] if each["type"].native == "message_digest")
        chain = [x509.load_der_x509_certificate(each.chosen.dump()) for each in signed["certificates"]]
        name = signer["sid"].chosen
        issuer, serial = name["issuer"].dump(), name["serial_number"].native
        own = next(each for each in chain if (each.issuer.public_bytes(), each.serial_number) == (issuer, serial))
        others = (each for each in chain if each != own)
        digest_bytes, signature = bytes(digest.native), bytes(signer["signature"].native)
        return _Read((own, *others), digest_bytes, signature) if len(digest_bytes) == DIGEST_BYTES else None
    except (ValueError, TypeError, KeyError, StopIteration, AttributeError, x509.InvalidVersion):
        return None


def _seal_of(read: _Read, replay: _Replay) -> Seal | None:
    """Return the counter's own way to write down such a signature; None if it has none for these certificates."""
    ders = [each.public_bytes(Encoding.DER) for each in read.chain]
    try:
        return Seal(replay, ders, clock=lambda: read.chain[0].not_valid_before_utc)
    except (ValueError, TypeError, KeyError):
        return None


def _is_signed(certificate: x509.Certificate, signature: bytes, data: bytes) -> bool:
    try:
        match certificate.public_key():
            case rsa.RSAPublicKey() as key:
                key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            case ec.EllipticCurvePublicKey() as key:
                key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _problems_of_chain(
    chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], at: datetime | None
) -> Iterator[SealProblem]:
    path = _path(chain, trusted)
    if not set(chain) <= set(path) or not any(each in trusted for each in path):
        yield SealProblem.UNTRUSTED
    if at is not None and any(not each.not_valid_before_utc <= at <= each.not_valid_after_utc for each in path):
        yield SealProblem.OUT_OF_TIME


def _path(chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificates from the seal's own upwards, as far as they are there."""
    path = [chain[0]]
    while len(path) < LONGEST_CHAIN:
        known = (each for each in (*chain, *trusted) if each not in path)
        above = next((each for each in known if _may_issue(each, path[-1], len(path) - 1)), None)
        if above is None:
            break
        path.append(above)
    return path


def _may_issue(issuer: x509.Certificate, certificate: x509.Certificate, below: int) -> bool:
    """Say whether an authority issued a certificate, with so many authorities *below* it (RFC 5280, 6.1.4)."""
    if not _is_understood(issuer) or not is_issued_by(certificate, issuer):
        return False
    extensions: dict[type[x509.ExtensionType], Any] = {type(each.value): each.value for each in issuer.extensions}
    basic, usage = extensions.get(x509.BasicConstraints), extensions.get(x509.KeyUsage)
    if basic is None or not basic.ca or (basic.path_length is not None and basic.path_length < below):
        return False
    return usage is None or usage.key_cert_sign


def _is_understood(certificate: x509.Certificate) -> bool:
    try:
        return all(not each.critical or each.oid.dotted_string in KNOWN_EXTENSIONS for each in certificate.extensions)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
