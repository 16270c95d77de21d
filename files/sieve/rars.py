"""Looks at a RAR archive of either format by its headers alone, as rarfile reads them: nothing is unpacked."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol

import rarfile

from files.sieve.names import extension_in, judge_name
from files.sieve.sizes import LARGEST_TOTAL_BYTES, is_bomb
from files.sieve.starts import START_BYTES, is_file_of_its_own, judge_start
from rules.verdicts import Finding, Judgement, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MEMBERS: Final = 2_000
_MAX_BLOCKS: Final = 2 * MAX_MEMBERS + 100
"""A service header may go with each member."""
_BROKEN: Final = (
    rarfile.Error,
    OSError,
    ValueError,
    OverflowError,
    TypeError,
    IndexError,
    AttributeError,
    struct.error,
)
"""What rarfile raises over hostile headers."""
_TAIL_BYTES: Final = 64 << 10
_REFERENCE: Final = 5
"""A redirection to the same content under another name in the archive; all the others are links."""
_SPLIT: Final = rarfile.RAR_FILE_SPLIT_BEFORE | rarfile.RAR_FILE_SPLIT_AFTER


class _TooManyBlocks(Exception):
    pass


class _Block(Protocol):
    """What rarfile makes of one header, whose own types do not say it."""

    type: int
    flags: int
    data_offset: int
    add_size: int
    file_size: int
    compress_size: int
    compress_type: int
    filename: str
    orig_filename: bytes

    def is_dir(self) -> bool: ...
    def is_symlink(self) -> bool: ...
    def needs_password(self) -> bool: ...


class _Kept:
    """Keeps every block in place of rarfile's own list, which leaves some out and reads comments (by unrar, if old)."""

    blocks: list[_Block]

    def process_entry(self, fd: object, item: Any) -> None:
        if len(self.blocks) >= _MAX_BLOCKS:
            raise _TooManyBlocks
        self.blocks.append(item)

    def _parse_subblocks(self, h: object, hdata: bytes, pos: int) -> int:
        return pos


class _Headers4(_Kept, rarfile.RAR3Parser):
    pass


class _Headers5(_Kept, rarfile.RAR5Parser):
    pass


def _headers(file: BinaryIO) -> _Headers4 | _Headers5:
    read = _Headers5 if file.read(len(rarfile.RAR5_ID)) == rarfile.RAR5_ID else _Headers4
    headers = read(
        file,
        password=None,
        crc_check=True,
        charset="utf-8",
        strict=False,
        info_cb=None,
        sfx_offset=0,
        part_only=True,
    )
    headers.blocks = []
    return headers


def look(file: BinaryIO, size: int) -> Judgement:
    """Say what is found of a RAR archive."""
    headers = _headers(file)
    findings: set[Finding] = set()
    try:
        headers.parse()
        if headers.strerror():
            findings.add(Finding.DAMAGED)
    except _TooManyBlocks:
        findings.add(Finding.TOO_MANY_MEMBERS)
    except _BROKEN:
        findings.add(Finding.DAMAGED)
    if headers.has_header_encryption():
        return Judgement("rar", findings=(Finding.ENCRYPTED,))
    members = [block for block in headers.blocks if block.type == rarfile.RAR_BLOCK_FILE]
    findings.update(_judge_sizes(members), _judge_parts(headers.blocks))
    for member in members[:MAX_MEMBERS]:
        findings.update(_judge_member(file, member))
    if Finding.TOO_MANY_MEMBERS not in findings:
        findings.update(_judge_end(file, size, headers.blocks))
    return Judgement("rar", findings=in_order(findings))


def _judge_sizes(members: list[_Block]) -> Iterator[Finding]:
    if len(members) > MAX_MEMBERS:
        yield Finding.TOO_MANY_MEMBERS
    total, packed = sum(each.file_size for each in members), sum(each.compress_size for each in members)
    if not total:
        yield Finding.EMPTY
    sizes = [(total, packed), *((each.file_size, each.compress_size) for each in members)]
    if total > LARGEST_TOTAL_BYTES or any(is_bomb(*each) for each in sizes):
        yield Finding.BOMB


def _judge_parts(blocks: list[_Block]) -> Iterator[Finding]:
    """Say whether it goes on elsewhere, or did not begin here; a first volume that is the only one is whole."""
    for block in blocks:
        is_split = block.type == rarfile.RAR_BLOCK_FILE and block.flags & _SPLIT
        goes_on = block.type == rarfile.RAR_BLOCK_ENDARC and block.flags & rarfile.RAR_ENDARC_NEXT_VOLUME
        if is_split or goes_on or (block.type == rarfile.RAR_BLOCK_MAIN and _is_later_volume(block)):
            yield Finding.PART_OF_SEVERAL


def _is_later_volume(main: _Block) -> bool:
    is_volume, is_first = main.flags & rarfile.RAR_MAIN_VOLUME, main.flags & rarfile.RAR_MAIN_FIRSTVOLUME
    # Before RAR 3 no volume said that it is the first.
    return bool(is_volume and main.flags & rarfile.RAR_MAIN_NEWNUMBERING and not is_first)


def _judge_member(file: BinaryIO, member: _Block) -> Iterator[Finding]:
    names = {member.filename, member.orig_filename.decode("latin-1")}
    kind, _, target = getattr(member, "file_redir", None) or (0, 0, "")
    for name in names | ({target} if kind == _REFERENCE else set()):
        yield from judge_name(name, is_folder=member.is_dir())
    if member.is_symlink() or kind not in (0, _REFERENCE):
        yield Finding.LINK
    if member.needs_password():
        yield Finding.ENCRYPTED
    elif member.compress_type == rarfile.RAR_M0 and not member.flags & _SPLIT and not kind:
        if member.file_size != member.compress_size:
            yield Finding.DAMAGED
        file.seek(member.data_offset)
        start = file.read(min(START_BYTES, member.compress_size))
        yield from judge_start(start, extension_in(member.filename))


def _judge_end(file: BinaryIO, size: int, blocks: list[_Block]) -> Iterator[Finding]:
    """See that the last block ends where the file does, and what follows if not."""
    if not blocks:
        yield Finding.DAMAGED
        return
    last = blocks[-1]
    end = last.data_offset + last.add_size
    if end > size or (end < size and last.type != rarfile.RAR_BLOCK_ENDARC):
        yield Finding.DAMAGED
        return
    file.seek(end)
    behind = file.read(_TAIL_BYTES)
    if is_file_of_its_own(behind) or size - end > _TAIL_BYTES or b"PK\x05\x06" in behind:
        yield Finding.DISGUISED
