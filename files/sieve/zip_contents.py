"""What lies in a ZIP, inflated within a budget, and whether it is what the directory says of it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from files.sieve.starts import START_BYTES
from files.sieve.zip_directory import DEFLATED, STORED, Member, Place, place_of
from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_BYTES: Final = 64 << 10
_SLACK_BYTES: Final = 4_096


@dataclass(slots=True)
class Contents:
    """The members of one archive; `budget_bytes` is what may still be inflated, `findings` what came of it."""

    file: BinaryIO
    budget_bytes: int
    findings: set[Finding] = field(default_factory=set)
    _places: dict[tuple[int, bytes], Place] = field(default_factory=dict)

    def another(self, budget_bytes: int) -> Contents:
        """Return the same with a budget of its own; what is found is found of both."""
        return Contents(self.file, budget_bytes, self.findings, self._places)

    def place(self, member: Member) -> Place:
        """Return where its data lie; looked up once."""
        key = member.offset, member.raw_name
        if key not in self._places:
            self._places[key] = place_of(self.file, member)
        return self._places[key]

    def start(self, member: Member) -> bytes:
        """Return its first bytes, empty if they cannot be had."""
        head = self.place(member).head
        if member.is_encrypted or not head:
            return b""
        if member.method == STORED:
            return head[:START_BYTES]
        if member.method != DEFLATED:
            return b""
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(head, START_BYTES)
        except zlib.error:
            self.findings.add(Finding.DAMAGED)
            return b""

    def can_hold(self, member: Member) -> bool:
        """Say whether `whole` could return it: it is small enough for what is left, and packed in a known way."""
        known = member.method in (STORED, DEFLATED) and not member.is_encrypted
        return known and member.size_bytes <= self.budget_bytes

    def whole(self, member: Member) -> bytes | None:
        """Return all of it, None if it cannot be held, or is not what the directory says: then that is found."""
        if not self.can_hold(member):
            return None
        data = bytearray()
        try:
            for chunk in self._inflated(member, member.size_bytes + 1):
                data += chunk
        except zlib.error:
            self.findings.add(Finding.DAMAGED)
            return None
        if len(data) > member.size_bytes:
            self.findings.add(Finding.BOMB)
            return None
        if len(data) < member.size_bytes or zlib.crc32(data) != member.crc:
            self.findings.add(Finding.DAMAGED)
            return None
        return bytes(data)

    def beginning(self, member: Member, most_bytes: int) -> bytes:
        """Return at most so many of its first bytes."""
        if member.method not in (STORED, DEFLATED) or member.is_encrypted:
            return b""
        data = bytearray()
        try:
            for chunk in self._inflated(member, min(most_bytes, self.budget_bytes)):
                data += chunk
        except zlib.error:
            self.findings.add(Finding.DAMAGED)
        return bytes(data)

    def _inflated(self, member: Member, most_bytes: int) -> Iterator[bytes]:
        """Yield at most so many bytes, of no more packed ones than an honest packer needs for them."""
        place = self.place(member)
        self.file.seek(place.data_offset)
        packed = min(member.packed_bytes, 2 * most_bytes + _SLACK_BYTES)
        packed = min(packed, most_bytes) if member.method == STORED else packed
        inflater = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == DEFLATED else None
        while packed > 0 and most_bytes > 0 and (data := self.file.read(min(packed, _CHUNK_BYTES))):
            packed -= len(data)
            while data and most_bytes > 0:
                chunk, data = (
                    (inflater.decompress(data, most_bytes), inflater.unconsumed_tail) if inflater else (data, b"")
                )
                most_bytes -= len(chunk)
                self.budget_bytes -= len(chunk)
                yield chunk
            if inflater and inflater.eof:
                return
