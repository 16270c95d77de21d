"""DKIM signatures of a spooled mail: which may hold, and which do; run in the jail, without keys or a network."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from dkim import hash_headers
from dkim.asn1 import ASN1FormatError
from dkim.canonicalization import CanonicalizationPolicy
from dkim.crypto import DigestTooLargeError, RSASSA_PKCS1_v1_5_verify, UnparsableKeyError, parse_public_key

from intake.dkim_body import body_hash
from intake.dkim_fields import ONCE, Signature, read_key, read_signature
from intake.headers import LONGEST_BLOCK, MOST_FIELDS
from intake.proof import is_aligned

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SIGNATURES: Final = 5
SHORTEST_KEY: Final = 1024
LONGEST_KEY: Final = 8192
LARGEST_EXPONENT: Final = 2**32

_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+):(.*)", re.DOTALL)
_ENDS_OF_FIELDS = re.compile(rb"\n(?![ \t])")
_NAME: Final = b"dkim-signature"
_BROKEN: Final = (
    UnparsableKeyError, ASN1FormatError, DigestTooLargeError, ValueError, IndexError, TypeError, AssertionError,
    OverflowError,
)  # fmt: skip
"""What a key may make the library raise that is none."""

RawField = tuple[bytes, bytes]


def find_json(argument: bytes) -> bytes:
    """
    Return, as JSON, which signatures of a mail may hold, `[[place, name of the key], …]`: those of a kind that counts,
    that speak for the domain, and whose hash of the body is right.

    *argument* is `{"path": …, "domain": …, "at": …}`: of From, and when it was received, in seconds since 1970.
    """
    asked = json.loads(argument)
    with Path(asked["path"]).open("rb") as file:
        fields, body_start = read_raw_fields(file)
        hashes: dict[bool, str] = {}
        found: list[tuple[int, str]] = []
        for place, signature in _candidates(fields, domain=asked["domain"], at=asked["at"]):
            way = signature.has_relaxed_body
            if way not in hashes:
                hashes[way] = body_hash(file, body_start, is_relaxed=way)
            if hashes[way] == signature.body_hash:
                found.append((place, signature.key_name))
    return json.dumps(found).encode()


def check_json(argument: bytes) -> bytes:
    """
    Return, as JSON, the domains whose signatures hold, of those that were found.

    *argument* is that of `find_json`, and `"keys"`: `[[place, record], …]`, what the DNS has for each.
    """
    asked = json.loads(argument)
    records = {int(place): str(record) for place, record in asked["keys"]}
    with Path(asked["path"]).open("rb") as file:
        fields, _ = read_raw_fields(file)
    signers = {
        signature.signer
        for place, signature in _candidates(fields, domain=asked["domain"], at=asked["at"])
        if place in records and holds(signature, records[place], fields=fields, place=place)
    }
    return json.dumps(sorted(signers)).encode()


def read_raw_fields(file: BinaryIO) -> tuple[list[RawField], int]:
    """
    Return the header fields as they stand, with CRLF, and where the body begins.

    None of a header that readers may see in two ways: what one of them verifies is not what another one reads.
    """
    data = file.read(LONGEST_BLOCK)
    blanks = [(at, len(end)) for end in (b"\n\r\n", b"\n\n") if (at := data.find(end)) >= 0]
    if not blanks:
        return [], len(data)
    at, length = min(blanks)
    block = data[: at + 1].replace(b"\r\n", b"\n")
    if b"\0" in block or b"\r" in block:
        return [], len(data)
    fields = [_FIELD.fullmatch(text) for text in _ENDS_OF_FIELDS.split(block[:-1])]
    if len(fields) > MOST_FIELDS or not all(fields):
        return [], len(data)
    return [(each[1], each[2].replace(b"\n", b"\r\n") + b"\r\n") for each in fields if each], at + length


def holds(signature: Signature, record: str, *, fields: list[RawField], place: int) -> bool:
    """Say whether the key in *record* made the signature at *place* over these fields."""
    key = read_key(record, signature)
    if key is None:
        return False
    policy = CanonicalizationPolicy.from_c_value(signature.ways.encode("ascii"))
    digest = hashlib.sha256()
    canonical = policy.canonicalize_headers(fields)
    hash_headers(digest, policy, canonical, list(signature.covers), fields[place], {})
    try:
        public = parse_public_key(key)
        bits, exponent = public["modulus"].bit_length(), public["publicExponent"]
        if not SHORTEST_KEY <= bits <= LONGEST_KEY or not 3 <= exponent <= LARGEST_EXPONENT:
            return False
        return bool(RSASSA_PKCS1_v1_5_verify(digest, signature.value, public))
    except _BROKEN:
        return False


def _candidates(fields: list[RawField], *, domain: str, at: int) -> Iterator[tuple[int, Signature]]:
    """Yield the first signatures of a kind that counts and that speak for the domain, with their places."""
    names = [name.lower() for name, _ in fields]
    if names.count(ONCE[0]) != 1 or any(names.count(name) > 1 for name in ONCE):
        return
    found = 0
    for place, (name, value) in enumerate(fields):
        signature = read_signature(value, names=names, at=at) if name.lower() == _NAME else None
        if signature is not None and is_aligned(domain, signature.signer):
            yield place, signature
            found += 1
        if found == MOST_SIGNATURES:
            return
