"""What a DKIM signature and a key say (RFC 6376, 3.5 and 3.6.1), and whether the counter counts them. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dkim.util import InvalidTagValueList, parse_tag_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_FIELD: Final = 8 * 1024
MOST_NAMES: Final = 100
LONGEST_RECORD: Final = 4 * 1024
AHEAD_SECONDS: Final = 3600
"""How much a signer's clock may be ahead of ours."""

ONCE: Final = (b"from", b"subject")
"""Fields of which a mail may have one, and whose one the signature must cover: they say who asks for what."""

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}", re.IGNORECASE)
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,12}")
_WAYS = re.compile(r"(simple|relaxed)(?:/(simple|relaxed))?")
_FOLDING = re.compile(r"[ \t\r\n]+")
_LONG_FOLDING = re.compile(rb"\s{80}")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature of a kind that counts: rsa-sha256, over the whole body, over From and Subject."""

    signer: str
    selector: str
    identity: str
    covers: tuple[bytes, ...]
    ways: str
    body_hash: str
    value: bytes

    @property
    def key_name(self) -> str:
        """Where its key is published."""
        return f"{self.selector}._domainkey.{self.signer}"

    @property
    def has_relaxed_body(self) -> bool:
        """Whether blanks of the body count for little."""
        return self.ways.endswith("/relaxed")


def read_signature(value: bytes, *, names: Sequence[bytes], at: int) -> Signature | None:
    """
    Return what the value of a DKIM-Signature field says, if it is one that counts, of a mail with fields of these
    *names* that was received *at* (seconds since 1970).

    One with `l=` leaves room for another document behind what was signed: it does not count, nor does an expired one.
    """
    if len(value) > LONGEST_FIELD or _LONG_FOLDING.search(value):
        return None
    tags = _tags(value)
    if tags is None or not _is_of_a_kind(tags) or not _is_of_its_time(tags, at):
        return None
    covers = tuple(name.encode("ascii") for name in _bare(tags["h"]).lower().split(":"))
    if len(covers) > MOST_NAMES or not all(covers.count(name) >= min(1, names.count(name)) for name in ONCE):
        return None
    signature = _decoded(tags["b"])
    ways = _WAYS.fullmatch(_bare(tags.get("c", "simple/simple")))
    signer, selector = tags["d"].lower(), tags["s"].lower()
    identity = tags.get("i", f"@{signer}").lower().rpartition("@")[2]
    if signature is None or ways is None or not _are_names(signer, selector, identity):
        return None
    both = f"{ways[1]}/{ways[2] or 'simple'}"
    return Signature(signer, selector, identity, covers, both, _bare(tags["bh"]), signature)


def read_key(record: str, signature: Signature) -> bytes | None:
    """
    Return the bytes of the public key (DER) in a record of the DNS, if it is one by which *signature* may be made.

    A revoked key vouches for nobody, nor does one that its owner says is being tried.
    """
    tags = _tags(record.encode("latin-1", "replace")[: LONGEST_RECORD + 1]) if len(record) <= LONGEST_RECORD else None
    if tags is None or tags.get("v", "DKIM1") != "DKIM1" or tags.get("k", "rsa") != "rsa":
        return None
    flags = _listed(tags.get("t", ""))
    is_exact = "s" not in flags or signature.identity == signature.signer
    hashes, services = _listed(tags.get("h", "sha256")), _listed(tags.get("s", "*"))
    if "y" in flags or not is_exact or "sha256" not in hashes or not services & {"*", "email"}:
        return None
    return _decoded(tags.get("p", "")) or None


def _tags(value: bytes) -> Mapping[str, str] | None:
    """Return the tags of a list, by name; None of one that is broken, or names one twice."""
    try:
        found: dict[bytes, bytes] = parse_tag_value(value)
        return {name.decode("ascii"): text.decode("ascii") for name, text in found.items()}
    except (InvalidTagValueList, UnicodeDecodeError, IndexError):
        return None


def _is_of_a_kind(tags: Mapping[str, str]) -> bool:
    is_whole = all(tags.get(name) for name in ("a", "b", "bh", "d", "h", "s"))
    is_known = tags.get("v") == "1" and tags.get("a") == "rsa-sha256"
    return is_whole and is_known and "l" not in tags and "dns/txt" in _listed(tags.get("q", "dns/txt"))


def _is_of_its_time(tags: Mapping[str, str], at: int) -> bool:
    """Say whether it was made by then and had not expired (RFC 6376, 3.5: the time that counts is when it arrived)."""
    made, expires = tags.get("t", "0"), tags.get("x", "9" * 12)
    if not _NUMBER.fullmatch(made) or not _NUMBER.fullmatch(expires):
        return False
    return int(made) <= at + AHEAD_SECONDS and at < int(expires) and int(made) < int(expires)


def _are_names(signer: str, selector: str, identity: str) -> bool:
    is_within = identity == signer or identity.endswith(f".{signer}")
    is_short = len(f"{selector}._domainkey.{signer}") <= 253
    return bool(_DOMAIN.fullmatch(signer) and _SELECTOR.fullmatch(selector)) and is_within and is_short


def _listed(text: str) -> frozenset[str]:
    return frozenset(each.lower() for each in _bare(text).split(":"))


def _bare(text: str) -> str:
    return _FOLDING.sub("", text)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(_bare(text), validate=True)
    except (binascii.Error, ValueError):
        return None
