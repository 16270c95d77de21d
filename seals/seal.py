"""
The institution's electronic seal: a digest in, a CAdES-B signature (CMS) out.

It is what PAdES-B-B asks for (ETSI EN 319 142-1, 6.3): content type, digest and signing certificate are signed, the
time of signing is not claimed. The signed data is built once; a signature adds its digest and its own bytes.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from rules.receipts import SealFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

FOR_DEVELOPMENT = "2.25.220055623660013226682466059703940989015"
"""The extension (X.509, not critical) by which certificates that `run` makes say that they are worth nothing."""

DIGEST_BYTES = 32
_PLACE = sha256(b"where the digest goes").digest()


class SealUnavailable(Exception):
    """The seal cannot be used for now: its certificate is out of its time, its token is silent, or it has no key."""


class Signer(Protocol):
    """Who holds the private key; `waits` says whether signing is waiting for a device, rather than computing."""

    waits: bool

    def sign(self, data: bytes) -> bytes:
        """
        Return the signature over the SHA-256 of *data*: PKCS#1 v1.5 by an RSA key, DER by one on a curve.

        Raises:
            SealUnavailable: the key cannot be reached.
        """
        ...


class Seal:
    """
    A key and its certificate, with those of the authorities above it, all DER, its own first.

    `room` is how many bytes a signature takes at most. One instance serves all threads.
    """

    def __init__(self, signer: Signer, certificates: Sequence[bytes], *, clock: Callable[[], datetime]) -> None:
        from asn1crypto.x509 import Certificate

        own = Certificate.load(certificates[0])
        self.certificates = tuple(certificates)
        self.facts = SealFacts(
            holder=_name_of(own.subject), issuer=_name_of(own.issuer), is_for_development=_is_for_development(own)
        )
        self.valid_from: datetime = own.not_valid_before
        self.valid_until: datetime = own.not_valid_after
        self.waits = signer.waits
        self._signer, self._clock = signer, clock
        self._signed = _signed_attributes(own)
        self._frames: dict[int, tuple[bytes, bytes]] = {}
        longest = _longest_signature(own)
        self.room = sum(map(len, self._frame(longest))) + DIGEST_BYTES + longest

    def sign(self, digest: bytes) -> bytes:
        """
        Return the signature (CMS, detached) of what has this SHA-256.

        The same digest gives the same bytes, if the signer is deterministic. Where the seal `waits`, this is not to be
        called in the event loop.

        Raises:
            SealUnavailable: see there; the same call may succeed later.
        """
        if len(digest) != DIGEST_BYTES:
            raise ValueError("The digest to seal is a SHA-256")
        if trouble := self.trouble(self._clock()):
            raise SealUnavailable(f"The certificate of the seal {trouble}")
        signature = self._signer.sign(self._signed.replace(_PLACE, digest))
        before, after = self._frames.get(len(signature)) or self._frame(len(signature))
        return b"".join((before, digest, after, signature))

    def trouble(self, at: datetime) -> str | None:
        """Return why its certificate cannot seal at *at*, or None."""
        if at < self.valid_from:
            return f"is not valid before {self.valid_from:%Y-%m-%d %H:%M} UTC"
        if at > self.valid_until:
            return f"expired on {self.valid_until:%Y-%m-%d %H:%M} UTC"
        return None

    def _frame(self, length: int) -> tuple[bytes, bytes]:
        """Return what stands before the digest and after it, up to a signature of *length* bytes."""
        whole = _signed_data(self.certificates, self._signed, bytes(length))
        before, after = whole[: len(whole) - length].split(_PLACE)
        self._frames[length] = before, after
        return before, after


def _signed_data(certificates: Sequence[bytes], signed: bytes, signature: bytes) -> bytes:
    """Return the CMS with a place for the digest (RFC 5652); a root is left out: who trusts it has it."""
    from asn1crypto import cms
    from asn1crypto.x509 import Certificate

    own, *others = map(Certificate.load, certificates)
    name = cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number})
    shown = own, *(each for each in others if not _is_root(each))
    digest_algorithm = {"algorithm": "sha256"}
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier("issuer_and_serial_number", name),
        "digest_algorithm": digest_algorithm,
        "signed_attrs": cms.CMSAttributes.load(signed),
        "signature_algorithm": {"algorithm": "sha256_rsa" if own.public_key.algorithm == "rsa" else "sha256_ecdsa"},
        "signature": signature,
    }
    data = {
        "version": "v1",
        "digest_algorithms": [digest_algorithm],
        "encap_content_info": {"content_type": "data"},
        "certificates": [cms.CertificateChoices("certificate", each) for each in shown],
        "signer_infos": [signer],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)}).dump()


def _signed_attributes(own: Any) -> bytes:
    """Return what is signed, with a place for the digest (RFC 5652, 5.4)."""
    from asn1crypto import cms, tsp
    from asn1crypto.x509 import GeneralName

    issuer = {"issuer": [GeneralName("directory_name", own.issuer)], "serial_number": own.serial_number}
    certificate = {"cert_hash": sha256(own.dump()).digest(), "issuer_serial": issuer}
    return cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [_PLACE]},
            {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [certificate]})]},
        ]
    ).dump()


def _is_root(certificate: Any) -> bool:
    return certificate.subject == certificate.issuer and certificate.ca


def _longest_signature(own: Any) -> int:
    size = (own.public_key.bit_size + 7) // 8
    if own.public_key.algorithm == "rsa":
        return size
    content = 2 * (size + 3)
    return content + (2 if content < 128 else 3)


def _name_of(name: Any) -> str:
    """Return by what a name is known: the common name, or else that of the organization."""
    parts = name.native
    found = parts.get("common_name") or parts.get("organization_name") or name.human_friendly
    return found if isinstance(found, str) else found[0]


def _is_for_development(own: Any) -> bool:
    return any(each["extn_id"].native == FOR_DEVELOPMENT for each in own["tbs_certificate"]["extensions"])
