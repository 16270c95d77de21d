"""Time stamp tokens (RFC 3161) read and judged, by pyHanko, which is loaded when one is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography import x509


class WrongToken(Exception):
    """The token is none, is not over what was shown, or was not signed by a time stamping authority."""


@dataclass(frozen=True)
class TimeStamp:
    """
    What a sound token says: when its authority was shown the digest, and who that is.

    `is_trusted` says whether a certificate that was trusted is above that of the authority, which held at that time.
    """

    at: datetime
    authority: str
    nonce: int | None
    is_trusted: bool


def check_time_stamp(token: bytes, digest: bytes, trusted: Sequence[x509.Certificate] = ()) -> TimeStamp:
    """
    Return what the token says of this SHA-256. Not to be called in an event loop, and nothing is asked of the network.

    Raises:
        WrongToken: it says nothing of it.
    """
    from pyhanko.sign.validation.errors import SignatureValidationError

    try:
        signed, told = _read(token)
        if told["message_imprint"]["hash_algorithm"]["algorithm"].native != "sha256":
            raise WrongToken("it does not stamp a SHA-256")
        status = asyncio.run(_status(signed, told["gen_time"].native, digest, trusted))
    except SignatureValidationError as error:
        raise WrongToken(str(error)) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WrongToken(f"it cannot be read: {type(error).__name__}") from None
    if not status.intact or not status.valid:
        raise WrongToken("it stamps something else, or its signature is not good")
    return TimeStamp(status.timestamp, status.signing_cert.subject.human_friendly, told["nonce"].native, status.trusted)


def _read(token: bytes) -> tuple[Any, Any]:
    from asn1crypto import cms, tsp

    signed = cms.ContentInfo.load(token, strict=True)["content"]
    told = signed["encap_content_info"]["content"].parsed
    if not isinstance(told, tsp.TSTInfo):
        raise WrongToken("it is no time stamp")
    return signed, told


async def _status(signed: Any, at: datetime, digest: bytes, trusted: Sequence[x509.Certificate]) -> Any:
    from asn1crypto.x509 import Certificate
    from cryptography.hazmat.primitives.serialization import Encoding
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
    from pyhanko.sign.validation.status import TimestampSignatureStatus
    from pyhanko_certvalidator import ValidationContext

    roots = [Certificate.load(each.public_bytes(Encoding.DER)) for each in trusted]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=at)
    found = await validate_tst_signed_data(signed, context, lambda _: digest)
    return TimestampSignatureStatus(**found)
