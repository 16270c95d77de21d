"""The directory at the end of a ZIP (APPNOTE 4.3), read with bounds, and the headers in front of its members."""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from files.sieve.starts import is_file_of_its_own
from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_MEMBERS: Final = 2_000
MAX_DIRECTORY_BYTES: Final = 4 << 20
MAX_FIELDS: Final = 16
"""Extra fields of one member: packers write five at most."""
STORED, DEFLATED, AES = 0, 8, 99

_END = struct.Struct("<4s4H2IH")
_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQ2H2I4Q")
_ENTRY = struct.Struct("<4s2B5H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_LONGEST_COMMENT: Final = 0xFFFF
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_ZIP64, _PKWARE_UNIX, _ASI_UNIX, _AES_EXTRA, _UNICODE_PATH = 0x0001, 0x000D, 0x756E, 0x9901, 0x7075
_PKWARE_UNIX_BYTES: Final = 12
"""Times and owner; what follows them is what a link points to."""
_ENCRYPTED: Final = 0x0001 | 0x0040 | 0x2000
_STREAMED, _UTF8 = 0x0008, 0x0800
_DESCRIPTOR_BYTES: Final = (0, 12, 16, 20, 24)
"""What a streaming writer leaves behind a member's data."""
_HEAD_BYTES: Final = 512


class Unreadable(Exception):
    """There is no directory to go by."""


@dataclass(frozen=True, slots=True)
class Member:
    """
    One entry of the directory; `offset` is where its local header is in the file.

    `names` are its own, and the one that a Unicode path extra field gives it besides. A link is whatever is made by
    unpacking it that is neither a file nor a folder.
    """

    raw_name: bytes
    names: tuple[str, ...]
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    offset: int
    is_encrypted: bool
    is_link: bool

    @property
    def name(self) -> str:
        """Its name."""
        return self.names[0]

    @property
    def is_folder(self) -> bool:
        """Whether it only makes a folder."""
        return self.raw_name.endswith((b"/", b"\\"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the data of a member lie, its first bytes as they are packed, and whether its two headers agree."""

    data_offset: int
    end: int
    head: bytes
    is_sound: bool


@dataclass(slots=True)
class Directory:
    """What the directory says; `start` is where it lies, `findings` what is wrong with itself, read whole or not."""

    start: int
    members: list[Member] = field(default_factory=list)
    findings: set[Finding] = field(default_factory=set)
    is_whole: bool = True


def read_directory(file: BinaryIO, size: int) -> Directory:
    """
    Read at most `MAX_MEMBERS` + 1 entries.

    Raises:
        Unreadable: the archive has no end, or no directory in front of it.
    """
    end = _find_end(file, size)
    directory = Directory(_directory_start(file, end), findings=end.findings)
    shift = directory.start - end.told_offset
    if shift:
        directory.findings.add(Finding.DISGUISED if shift > 0 else Finding.DAMAGED)
    file.seek(directory.start)
    data = file.read(min(end.directory_bytes, MAX_DIRECTORY_BYTES))
    is_at_end = _read_entries(data, directory, max(shift, 0))
    is_too_much = len(directory.members) > MAX_MEMBERS or end.directory_bytes > MAX_DIRECTORY_BYTES
    directory.is_whole = is_at_end and not is_too_much
    if is_too_much:
        directory.findings.add(Finding.TOO_MANY_MEMBERS)
    elif not is_at_end or len(directory.members) & _FULL16 != end.members & _FULL16:
        directory.findings.add(Finding.DAMAGED)
    directory.findings.update(_judge_gap(file, directory.start + end.directory_bytes, end.directory_end))
    return directory


def _judge_gap(file: BinaryIO, start: int, end: int) -> Iterator[Finding]:
    """Judge what lies between the directory and its end, where nothing should."""
    if start != end:
        yield Finding.DISGUISED if hides_something(file, start, end) else Finding.DAMAGED


def place_of(file: BinaryIO, member: Member) -> Place:
    """Read the header in front of a member's data, and hold it against what the directory says."""
    estimate = member.offset + _LOCAL.size + len(member.raw_name)
    file.seek(member.offset)
    head = file.read(_LOCAL.size + len(member.raw_name) + _HEAD_BYTES)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        return Place(estimate, estimate + member.packed_bytes, b"", is_sound=False)
    _, _, flags, method, _, _, crc, packed, unpacked, name_bytes, extra_bytes = _LOCAL.unpack_from(head)
    length = _LOCAL.size + name_bytes + extra_bytes
    offset = member.offset + length
    named = head[_LOCAL.size : _LOCAL.size + name_bytes] == member.raw_name
    sizes = bool(flags & _STREAMED) or _agree(member, crc, packed, unpacked)
    sound = named and sizes and method == member.method and not (flags ^ member.flags) & 1
    if length > len(head) - 64:
        file.seek(offset)
        start = file.read(_HEAD_BYTES)
    else:
        start = head[length:]
    return Place(offset, offset + member.packed_bytes, start[: member.packed_bytes], is_sound=sound)


def hides_something(file: BinaryIO, end: int, next_start: int) -> bool:
    """Say whether a file of its own begins in what no entry of the directory names, behind a member's data."""
    if next_start - end <= max(_DESCRIPTOR_BYTES):
        return False
    file.seek(end)
    gap = file.read(min(next_start - end, 128))
    return any(is_file_of_its_own(gap[skipped:]) for skipped in _DESCRIPTOR_BYTES)


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield code and value of each extra field; what is left over is no field."""
    position = 0
    for _ in range(MAX_FIELDS):
        if position + 4 > len(extra):
            return
        code, length = struct.unpack_from("<2H", extra, position)
        yield code, extra[position + 4 : position + 4 + length]
        position += 4 + length


@dataclass(slots=True)
class _End:
    directory_end: int
    directory_bytes: int
    told_offset: int
    members: int
    findings: set[Finding]


def _find_end(file: BinaryIO, size: int) -> _End:
    tail_start = max(0, size - _END.size - _LONGEST_COMMENT)
    file.seek(tail_start)
    tail = file.read(_END.size + _LONGEST_COMMENT)
    found = tail.rfind(b"PK\x05\x06", 0, max(0, len(tail) - _END.size + 4))
    if found < 0:
        raise Unreadable
    _, disk, first_disk, here, members, length, offset, comment_bytes = _END.unpack_from(tail, found)
    end = _End(tail_start + found, length, offset, members, _around_end(tail, found, comment_bytes))
    if _widened(file, end) is None and (disk, first_disk, here) != (0, 0, members):
        end.findings.add(Finding.PART_OF_SEVERAL)
    return end


def _around_end(tail: bytes, found: int, comment_bytes: int) -> set[Finding]:
    """Judge the comment and what follows it; a comment that holds another end is read as two archives."""
    comment = tail[found + _END.size : found + _END.size + comment_bytes]
    behind = tail[found + _END.size + comment_bytes :]
    if is_file_of_its_own(comment) or b"startxref" in comment or behind.strip(b"\0\t\n\r \x1a") or _covers(tail, found):
        return {Finding.DISGUISED}
    return {Finding.DAMAGED} if len(comment) < comment_bytes else set()


def _covers(tail: bytes, last: int) -> bool:
    """Say whether an earlier end takes the last one for its comment, up to the very end of the file."""
    position = tail.find(b"PK\x05\x06", 0, last)
    while position >= 0:
        if position + _END.size + _END.unpack_from(tail, position)[-1] == len(tail):
            return True
        position = tail.find(b"PK\x05\x06", position + 4, last)
    return False


def _widened(file: BinaryIO, end: _End) -> _End | None:
    """Take what a ZIP64 end says in its place (APPNOTE 4.3.14), if there is one."""
    where = end.directory_end - _LOCATOR.size
    file.seek(max(0, where))
    locator = file.read(_LOCATOR.size)
    if where < 0 or not locator.startswith(b"PK\x06\x07"):
        return None
    _, _, told, disks = _LOCATOR.unpack(locator)
    for position in (told, where - _END64.size):
        if 0 <= position <= where - _END64.size:
            file.seek(position)
            record = file.read(_END64.size)
            if record.startswith(b"PK\x06\x06"):
                _, _, _, _, disk, first_disk, here, members, length, offset = _END64.unpack(record)
                if (disk, first_disk, here) != (0, 0, members) or disks > 1:
                    end.findings.add(Finding.PART_OF_SEVERAL)
                if position != told:
                    end.findings.add(Finding.DAMAGED)
                end.directory_end, end.members, end.directory_bytes, end.told_offset = position, members, length, offset
                return end
    raise Unreadable


def _directory_start(file: BinaryIO, end: _End) -> int:
    """Return where the directory truly begins: in front of its end, or else where the end says."""
    before = end.directory_end - end.directory_bytes
    if not end.directory_bytes and not end.members:
        return before
    for position in (before, end.told_offset):
        if 0 <= position < end.directory_end:
            file.seek(position)
            if file.read(4) == b"PK\x01\x02":
                return position
    raise Unreadable


def _read_entries(data: bytes, directory: Directory, shift: int) -> bool:
    """Read them; say whether these are all, up to the last byte."""
    position = 0
    while position + _ENTRY.size <= len(data) and len(directory.members) <= MAX_MEMBERS:
        if data[position : position + 4] != b"PK\x01\x02":
            break
        values = _ENTRY.unpack_from(data, position)
        name_end = position + _ENTRY.size + values[11]
        extra_end = name_end + values[12]
        member = _member(values, data[position + _ENTRY.size : name_end], data[name_end:extra_end], directory, shift)
        directory.members.append(member)
        position = extra_end + values[13]
    return position == len(data) or data[position : position + 4] == b"PK\x05\x05"


def _member(values: tuple[int, ...], name: bytes, extra: bytes, directory: Directory, shift: int) -> Member:
    _, _, _, _, flags, method, _, _, crc, packed, unpacked, *_, attributes, offset = values
    fields = list(extra_fields(extra)) if extra else []
    if _FULL32 in (unpacked, packed, offset):
        wide = next((value for code, value in fields if code == _ZIP64), b"")
        numbers = iter(struct.unpack_from(f"<{len(wide) // 8}Q", wide))
        sizes = (unpacked, packed, offset)
        unpacked, packed, offset = (next(numbers, each) if each == _FULL32 else each for each in sizes)
    where = offset + shift
    return Member(
        name,
        _names(name, flags, fields),
        flags,
        method,
        crc,
        packed,
        unpacked,
        # Where nothing can be, the directory itself is read: that is no header of a member.
        where if 0 <= where < directory.start else directory.start,
        is_encrypted=bool(flags & _ENCRYPTED) or method == AES or any(code == _AES_EXTRA for code, _ in fields),
        is_link=_is_link(attributes >> 16) or any(_is_link_field(code, value) for code, value in fields),
    )


def _names(name: bytes, flags: int, fields: Sequence[tuple[int, bytes]]) -> tuple[str, ...]:
    others = dict.fromkeys(value[5:].decode("utf-8", "replace") for code, value in fields if code == _UNICODE_PATH)
    return (name.decode("utf-8", "replace") if flags & _UTF8 else name.decode("cp437"), *others)


def _is_link(mode: int) -> bool:
    return stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)


def _is_link_field(code: int, value: bytes) -> bool:
    if code == _ASI_UNIX:
        return _is_link(int.from_bytes(value[4:6], "little"))
    return code == _PKWARE_UNIX and len(value) > _PKWARE_UNIX_BYTES


def _agree(member: Member, crc: int, packed: int, unpacked: int) -> bool:
    if _FULL32 in (packed, unpacked):
        return crc == member.crc
    return (crc, packed, unpacked) == (member.crc, member.packed_bytes, member.size_bytes)
