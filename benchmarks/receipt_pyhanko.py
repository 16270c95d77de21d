"""Sealing a finished PDF with pyHanko as it comes: the usual way to sign one in Python."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

from asn1crypto import keys
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.seals import authority, issue

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.receipts import ReceiptFacts

    Engine = Callable[[], Callable[[ReceiptFacts], Callable[[], bytes]]]


def signing(setter: Engine) -> Callable[[ReceiptFacts], Callable[[], bytes]]:
    """Return what prepares the whole: what *setter* makes is written, then signed."""
    prepare = setter()

    def prepare_both(facts: ReceiptFacts) -> Callable[[], bytes]:
        make = prepare(facts)
        return lambda: signed(make())

    _signer()
    return prepare_both


def signing_only(setter: Engine) -> Callable[[ReceiptFacts], Callable[[], bytes]]:
    """Return what prepares the signing alone: the PDF is written before the clock runs."""
    prepare = setter()

    def prepare_signing(facts: ReceiptFacts) -> Callable[[], bytes]:
        content = prepare(facts)()
        return lambda: signed(content)

    _signer()
    return prepare_signing


def signed(content: bytes) -> bytes:
    """Return *content* with a PAdES signature by an RSA key of 2048 bits."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    metadata = signers.PdfSignatureMetadata(field_name="Sello", subfilter=fields.SigSeedSubFilter.PADES)
    target = signers.sign_pdf(writer, metadata, signer=_signer())
    assert isinstance(target, io.BytesIO)
    return target.getvalue()


@cache
def _signer() -> signers.SimpleSigner:
    issued = issue(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    key = issued.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    store = SimpleCertificateStore()
    store.register(Certificate.load(authority().der))
    return signers.SimpleSigner(
        signing_cert=Certificate.load(issued.der), signing_key=keys.PrivateKeyInfo.load(key), cert_registry=store
    )
