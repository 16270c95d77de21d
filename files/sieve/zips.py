"""Looks at a ZIP: its directory, the headers in front of its members, and as much of these as a budget allows."""

from __future__ import annotations

import io
import time
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO, Final

from files.sieve import judge, marks, office
from files.sieve.names import MADE_OF_ZIP, extension_in, judge_name
from files.sieve.sizes import LARGEST_TOTAL_BYTES, is_bomb
from files.sieve.starts import is_document, judge_start
from files.sieve.zip_contents import Contents
from files.sieve.zip_directory import STORED, Directory, Member, Unreadable, hides_something, read_directory
from rules.files import FILE_KINDS
from rules.verdicts import Finding, Judgement, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BUDGET_BYTES: Final = 4 << 20
"""What is inflated of a ZIP at most, the smallest members first."""
BUDGET_SECONDS: Final = 0.05
"""No document in a ZIP is begun to be looked into after so much time of this thread."""
_ARCHIVES: Final = (*marks.ZIP, *marks.RAR)
_KEY_BYTES: Final = 12
"""What the old encryption puts in front of a member's data."""
_NOT_OF_THE_ARCHIVE: Final = frozenset({Finding.OTHER_KIND, Finding.EMPTY})
"""What is found of a document in a ZIP, and says nothing of the ZIP."""


def look(file: BinaryIO, size: int) -> Judgement:
    """Say what a file that begins as a ZIP does is, and what is found of it."""
    return _look(file, size, looks_inside=True)


def _look(file: BinaryIO, size: int, *, looks_inside: bool) -> Judgement:
    try:
        directory = read_directory(file, size)
    except Unreadable:
        return Judgement(findings=(Finding.DAMAGED,))
    members = directory.members
    contents = Contents(file, BUDGET_BYTES)
    findings = directory.findings
    findings.update(_judge_sizes(members), _judge_layout(contents, directory))
    for member in members:
        findings.update(_judge_member(member))
    kind = "zip"
    is_made_of_parts = any(member.name.lower() == office.CONTENT_TYPES for member in members)
    if is_made_of_parts:
        kind, found = office.look_at_parts(contents, members, _look_into if looks_inside else None)
        findings.update(found)
    findings.update(
        _judge_contents(contents, members, looks_inside=looks_inside and not is_made_of_parts), contents.findings
    )
    return Judgement(kind, findings=in_order(findings))


def _judge_member(member: Member) -> Iterator[Finding]:
    for name in member.names:
        yield from judge_name(name, is_folder=member.is_folder)
    if member.is_encrypted:
        yield Finding.ENCRYPTED
    if member.is_link:
        yield Finding.LINK


def _judge_sizes(members: Sequence[Member]) -> Iterator[Finding]:
    total, packed = sum(member.size_bytes for member in members), sum(member.packed_bytes for member in members)
    if not total:
        yield Finding.EMPTY
    sizes = [(total, packed), *((member.size_bytes, member.packed_bytes) for member in members)]
    if total > LARGEST_TOTAL_BYTES or any(is_bomb(*each) for each in sizes):
        yield Finding.BOMB
    if any(_lies(member) for member in members):
        yield Finding.DAMAGED


def _lies(member: Member) -> bool:
    """Say whether what is stored as it is would become larger or smaller."""
    key_bytes = _KEY_BYTES if member.is_encrypted else 0
    return member.method == STORED and member.size_bytes + key_bytes != member.packed_bytes


def _judge_layout(contents: Contents, directory: Directory) -> Iterator[Finding]:
    """Hold against each other where members begin and end, what their two headers say, and what lies between."""
    in_order_of_place = sorted(directory.members, key=lambda each: each.offset)
    places = [(member.offset, contents.place(member)) for member in in_order_of_place]
    if not all(place.is_sound and place.end <= directory.start for _, place in places):
        yield Finding.DAMAGED
    if any(place.end > offset for (_, place), (offset, _) in pairwise(places)):
        yield Finding.OVERLAPPING
    starts = [offset for offset, _ in places] + ([directory.start] if directory.is_whole else [])
    gaps = zip((place.end for _, place in places), starts[1:], strict=False)
    if starts[:1] > [0] or any(hides_something(contents.file, *gap) for gap in gaps):
        yield Finding.DISGUISED


def _judge_contents(contents: Contents, members: Sequence[Member], *, looks_inside: bool) -> Iterator[Finding]:
    """See that the sizes which the smallest members are said to have are true, and look into the documents of them."""
    until = time.thread_time() + BUDGET_SECONDS
    for member in sorted(members, key=lambda each: each.size_bytes):
        is_in_time = time.thread_time() < until
        data = contents.whole(member) if is_in_time else None
        start = contents.start(member) if data is None else data
        yield from judge_start(start, extension_in(member.name))
        if data and looks_inside and is_in_time:
            yield from _judge_document(data, extension_in(member.name))


def _judge_document(data: bytes, extension: str) -> Iterator[Finding]:
    if not is_document(data) or (data.startswith(_ARCHIVES) and extension not in MADE_OF_ZIP):
        return
    judgement = _look_into(data)
    if judgement.kind == "zip" and extension in FILE_KINDS:
        yield Finding.NESTED_ARCHIVE
    yield from (finding for finding in judgement.findings if finding not in _NOT_OF_THE_ARCHIVE)


def _look_into(data: bytes) -> Judgement:
    file = io.BytesIO(data)
    if data.startswith(marks.ZIP):
        return _look(file, len(data), looks_inside=False)
    return judge.judge_file(file, len(data))
