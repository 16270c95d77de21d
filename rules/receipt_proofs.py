"""
What proves a receipt without the counter: heads of the log, what shows that the log only grew, and a receipt's place.

Values, and the two files in which they are handed out; `docs/receipt-proofs.md` describes both. What is read here
may come from anybody: it is bounded, and whatever is not exactly of the described form is refused.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from rules.proof_reading import LARGEST_NUMBER, LOG, MOST_HEADS, Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

HEADS_FORMAT = "mesa-de-partes-digital/cabezas/1"
PROOF_FORMAT = "mesa-de-partes-digital/prueba/1"
HEAD_TITLE = "mesa de partes digital / registro de constancias"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """
    The log of receipts as it was when a day in Lima was over: so many entries, under this root (RFC 9162, 2.1.1).

    `log` names the log, and never changes while it grows: the public address of the counter when it began.
    """

    log: str
    day: date
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not LOG.fullmatch(self.log) or len(self.root) != 32 or not 0 <= self.size <= LARGEST_NUMBER:
            raise ValueError("No head of a log has such values")

    def to_bytes(self) -> bytes:
        """Return what is signed: five lines of ASCII, each ended by a line feed."""
        lines = (HEAD_TITLE, self.log, self.day.isoformat(), str(self.size), self.root.hex())
        return "".join(f"{line}\n" for line in lines).encode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """The consistency proof (RFC 9162, 2.1.4) between the log of `first` entries and that of `second`."""

    first: int
    second: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """
    A published head. `signature` is a CMS SignedData (DER, detached, CAdES-B) over the head's bytes; `timestamp` an
    RFC 3161 token (DER) over the SHA-256 of `signature`. `path` proves that this log holds that of the head before
    it in the same file (RFC 9162, 2.1.4), of `after` entries; `after` is None where there is none before.
    """

    head: Head
    signature: bytes
    timestamp: bytes | None = None
    after: int | None = None
    path: tuple[bytes, ...] = ()

    @property
    def growth(self) -> Growth | None:
        """What shows that the log only grew since the head before, if it is told."""
        return None if self.after is None else Growth(first=self.after, second=self.head.size, path=self.path)

    def to_json(self) -> dict[str, Any]:
        """Return the head as it stands in a file."""
        return {
            **_head_to_json(self.head),
            "signature": _encoded(self.signature),
            "timestamp": None if self.timestamp is None else _encoded(self.timestamp),
            "after": self.after,
            "path": [each.hex() for each in self.path],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptProof:
    """
    Where a receipt is in the log: entry `index` (from 0) of the log of `size` entries, by the path of RFC 9162, 2.1.3.

    `day` and `size` are those of the head of the day on which the receipt is dated. `growths` may hold further
    consistency proofs, for who has kept other heads than those of the published file.
    """

    log: str
    sha256: bytes
    index: int
    day: date
    size: int
    path: tuple[bytes, ...]
    growths: tuple[Growth, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the proof file."""
        told = {
            "format": PROOF_FORMAT,
            "log": self.log,
            "sha256": self.sha256.hex(),
            "index": self.index,
            "day": self.day.isoformat(),
            "size": self.size,
            "path": [each.hex() for each in self.path],
            "growths": [_growth_to_json(growth) for growth in self.growths],
        }
        return _dumped(told)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """
        Return the proof of a proof file.

        Raises:
            WrongForm: it is none.
        """
        read = Reader.of_file(data, PROOF_FORMAT, also={"log", "sha256", "index", "day", "size", "path", "growths"})
        growths = read.members("growths", {"first", "second", "path"}, most=MOST_HEADS)
        size = read.number("size")
        return cls(
            log=read.log("log"),
            sha256=read.hash("sha256"),
            index=read.number("index", below=size),
            day=read.day("day"),
            size=size,
            path=read.path("path"),
            growths=tuple(_read_growth(each) for each in growths),
        )


def heads_to_bytes(heads: Iterable[SignedHead]) -> bytes:
    """Return the file of *heads*, in the order of their days."""
    return _dumped({"format": HEADS_FORMAT, "heads": [head.to_json() for head in heads]})


def heads_from_bytes(data: bytes) -> tuple[SignedHead, ...]:
    """
    Return the heads of a file, in its order.

    Raises:
        WrongForm: it is none.
    """
    keys = {"log", "day", "size", "root", "signature", "timestamp", "after", "path"}
    read = Reader.of_file(data, HEADS_FORMAT, also={"heads"})
    return tuple(_read_head(each) for each in read.members("heads", keys, most=MOST_HEADS))


def _head_to_json(head: Head) -> dict[str, Any]:
    return {"log": head.log, "day": head.day.isoformat(), "size": head.size, "root": head.root.hex()}


def _growth_to_json(growth: Growth) -> dict[str, Any]:
    return {"first": growth.first, "second": growth.second, "path": [each.hex() for each in growth.path]}


def _read_head(read: Reader) -> SignedHead:
    head = Head(log=read.log("log"), day=read.day("day"), size=read.number("size"), root=read.hash("root"))
    return SignedHead(
        head=head,
        signature=read.blob("signature"),
        timestamp=None if read.is_null("timestamp") else read.blob("timestamp"),
        after=None if read.is_null("after") else read.number("after"),
        path=read.path("path"),
    )


def _read_growth(read: Reader) -> Growth:
    return Growth(first=read.number("first"), second=read.number("second"), path=read.path("path"))


def _dumped(told: Mapping[str, Any]) -> bytes:
    return (json.dumps(told, indent=1) + "\n").encode("ascii")


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
