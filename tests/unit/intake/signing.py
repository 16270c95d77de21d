"""Mails signed by DKIM as an independent program signs them: written from RFC 6376, with keys made here."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SELECTOR: Final = "s1"
DOMAIN: Final = "example.pe"
NAME: Final = f"{SELECTOR}._domainkey.{DOMAIN}"
RECEIVED: Final = 1_773_068_400
"""Monday 9 March 2026, 10:00 in Lima."""

_SHA256: Final = bytes.fromhex("3031300d060960864801650304020105000420")
_SMALL: Final = (
    0xFDC7ED358F1BAB9937E94A9DD68D06A73C3BC002A2ABF778889A4A98A936648B,
    0xC2FC66E03414733756DD8C42208CA5AD2C81E1552642FD3F4CB1FCB4BDCE6587,
)
"""Two primes of a key of 512 bits: no library makes one any more."""


@dataclass(frozen=True)
class Key:
    """A private key of RSA, as plain numbers."""

    modulus: int
    exponent: int
    private: int

    def published(self, **tags: str) -> str:
        """Return the record of the DNS; *tags* replace those it has."""
        public = rsa.RSAPublicNumbers(self.exponent, self.modulus).public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        told = {"v": "DKIM1", "k": "rsa", "p": base64.b64encode(der).decode()} | tags
        return "; ".join(f"{name}={value}" for name, value in told.items())

    def sign(self, text: bytes) -> str:
        """Return the signature (PKCS #1, 1.5) of *text*, as base64."""
        size = (self.modulus.bit_length() + 7) // 8
        told = _SHA256 + hashlib.sha256(text).digest()
        padded = b"\0\1" + b"\xff" * (size - len(told) - 3) + b"\0" + told
        number = pow(int.from_bytes(padded), self.private, self.modulus)
        return base64.b64encode(number.to_bytes(size)).decode()


@cache
def new_key(bits: int = 2048, name: str = "") -> Key:
    """Return a key; the same for the same *name*."""
    if bits == 512:
        first, second = _SMALL
        return Key(first * second, 65537, pow(65537, -1, (first - 1) * (second - 1)))
    numbers = rsa.generate_private_key(65537, bits).private_numbers()
    return Key(numbers.public_numbers.n, 65537, numbers.d)


def signed(
    content: bytes, *, key: Key | None = None, covers: str = "from:to:subject:date", **tags: str | None
) -> bytes:
    """Return the mail with a signature above it; *tags* replace those it has, and None leaves one out."""
    header, _, body = content.partition(b"\r\n\r\n")
    ways = (tags.get("c") or "relaxed/relaxed").split("/")
    told: dict[str, str | None] = {
        "v": "1",
        "a": "rsa-sha256",
        "c": "/".join(ways),
        "d": DOMAIN,
        "s": SELECTOR,
        "t": str(RECEIVED - 60),
        "h": covers,
        "bh": base64.b64encode(hashlib.sha256(_body(body, ways[1:] == ["relaxed"])).digest()).decode(),
    } | tags
    field = ";\r\n ".join(f"{name}={value}" for name, value in told.items() if value is not None) + ";\r\n b="
    text = _covered(header, covers.split(":"), is_relaxed=ways[0] == "relaxed")
    own = _field(b"DKIM-Signature", b" " + field.encode(), is_relaxed=ways[0] == "relaxed").removesuffix(b"\r\n")
    value = (key or new_key()).sign(text + own)
    return b"DKIM-Signature: " + field.encode() + value.encode() + b"\r\n" + content


def _covered(header: bytes, names: list[str], *, is_relaxed: bool) -> bytes:
    """Return the fields of those names as they are signed, those of one name from the last one on."""
    fields = [each.partition(b":") for each in re.split(rb"\r\n(?![ \t])", header)]
    text = b""
    for name in names:
        places = [place for place, each in enumerate(fields) if each[0].lower() == name.strip().encode()]
        if places:
            own_name, _, value = fields.pop(places[-1])
            text += _field(own_name, value, is_relaxed=is_relaxed)
    return text


def _field(name: bytes, value: bytes, *, is_relaxed: bool) -> bytes:
    if not is_relaxed:
        return name + b":" + value + b"\r\n"
    return name.lower() + b":" + re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip() + b"\r\n"


def _body(body: bytes, is_relaxed: bool) -> bytes:
    if is_relaxed:
        body = re.sub(rb"[ \t]+", b" ", re.sub(rb"[ \t]+(?=\r\n|$)", b"", body))
    body = re.sub(rb"(\r\n)*$", b"", body)
    return body + b"\r\n" if body or not is_relaxed else b""
