"""Answers cut out of a stream, however it arrives."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.answers import Listed, read_internal_date, read_listed, uid_set
from intake.folders import quote_folder
from intake.responses import LONGEST_LITERAL, Answer, AnswerReader, AnswerUnreadable

BODY = b"A1 OK fake\r\n* 9 EXISTS\r\n)\r\n{5}\r\n"
STREAM = (
    b"* OK [ALERT] take {5}\r\n"
    b"* 1 FETCH (FLAGS (\\Seen))\r\n"
    b"* 2 FETCH (UID 2 BODY[] {%d}\r\n%s FLAGS ())\r\n"
    b"* LIST () {3}\r\nabc {0}\r\n end\n"
    b"+ go on {7}\r\n"
    b"A1 OK done {9}\r\n"
) % (len(BODY), BODY)


def read(chunks: list[bytes], sink: io.BytesIO | None = None) -> list[Answer]:
    answers: list[Answer] = []
    reader = AnswerReader(lambda line, _size: sink if b"BODY[]" in line else None, answers.append)
    for chunk in chunks:
        reader.feed(chunk)
    assert reader.is_between_answers
    return answers


@given(st.lists(st.integers(0, len(STREAM)), max_size=30).map(sorted))
def test_answers_are_the_same_however_they_arrive(cuts: list[int]) -> None:
    sink = io.BytesIO()

    answers = read([STREAM[start:end] for start, end in zip([0, *cuts], [*cuts, len(STREAM)], strict=True)], sink)

    assert answers == [
        [b"* OK [ALERT] take {5}"],
        [b"* 1 FETCH (FLAGS (\\Seen))"],
        [b"* 2 FETCH (UID 2 BODY[] {%d}" % len(BODY), b"", b" FLAGS ())"],
        [b"* LIST () {3}", b"abc", b" {0}", b"", b" end"],
        [b"+ go on {7}"],
        [b"A1 OK done {9}"],
    ]
    assert sink.getvalue() == BODY


def test_ten_thousand_lines_in_one_burst_are_read() -> None:
    assert len(read([b"* 1 FETCH (UID 1)\r\n" * 10_000])) == 10_000


@pytest.mark.parametrize("data", [b"* LIST {%d}\r\n" % (LONGEST_LITERAL + 1), b"* " + b"x" * 9_000_000])
def test_what_nobody_asked_for_is_not_kept(data: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        read([data])


@pytest.mark.parametrize(
    ("line", "uid", "size", "date"),
    [
        (
            b'3 FETCH (UID 7 RFC822.SIZE 12 INTERNALDATE "10-Mar-2026 16:29:00 -0500")',
            7,
            12,
            "2026-03-10T21:29:00+00:00",
        ),
        (
            b'3 FETCH (INTERNALDATE " 1-Mar-2026 00:00:00 +0000" rfc822.size 12 uid 7)',
            7,
            12,
            "2026-03-01T00:00:00+00:00",
        ),
        (b'3 FETCH (UID 7 RFC822.SIZE 12 INTERNALDATE "99-Foo-0000 16:29:00 -0500")', 7, 12, None),
        (b"3 FETCH (RFC822.SIZE 12 UID 7)", 7, 12, None),
    ],
)
def test_descriptions_are_read_in_any_order(line: bytes, uid: int, size: int, date: str | None) -> None:
    [listed] = read_listed([line])

    assert (listed.uid, listed.size_bytes) == (uid, size)
    assert (listed.received_at.isoformat() if listed.received_at else None) == date


def test_flags_alone_describe_nothing() -> None:
    assert read_listed([rb"3 FETCH (UID 7 FLAGS (\Seen))", b"FETCH completed"]) == []


DATE = datetime(2026, 3, 9, 15, tzinfo=UTC)


def test_what_is_told_of_a_message_in_several_answers_is_put_together() -> None:
    lines = [
        b"2 FETCH (UID 9 RFC822.SIZE 40)",
        b"1 FETCH (UID 7 RFC822.SIZE 12)",
        rb"1 FETCH (UID 7 FLAGS (\Seen))",
        b'1 FETCH (UID 7 INTERNALDATE "09-Mar-2026 10:00:00 -0500")',
        b'3 FETCH (UID 11 INTERNALDATE "09-Mar-2026 10:00:00 -0500")',
    ]

    assert read_listed(lines) == [Listed(7, 12, DATE), Listed(9, 40, None), Listed(11, 0, DATE)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31-Feb-2026 00:00:00 +0000",
        "01-Mär-2026 00:00:00 +0000",
        "01-Mar-2026 00:00:00 GMT",
        "01-Jan-1970 00:00:00 +0000",
        "31-Dec-9999 23:59:59 -1200",
        "01-Mar-0001 00:00:00 +2300",
        "01-Mar-2026 24:00:00 +0000",
        "٠١-Mar-2026 00:00:00 +0000",
    ],
)
def test_dates_that_are_none_are_not_believed(text: str) -> None:
    assert read_internal_date(text) is None


@pytest.mark.parametrize(
    "text", ["01-Mar-2026 00:00:00 -0500", " 1-Mar-2026 00:00:00 -0500", "1-mar-2026 00:00:00 -0500"]
)
def test_dates_are_read_as_servers_write_them(text: str) -> None:
    assert read_internal_date(text) == datetime(2026, 3, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(("uids", "text"), [([1], "1"), ([3, 1, 2, 9, 11, 12], "1:3,9,11:12")])
def test_uids_are_named_briefly(uids: list[int], text: str) -> None:
    assert uid_set(uids) == text


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("INBOX", '"INBOX"'),
        ("Mesa de partes", '"Mesa de partes"'),
        ("Año & fin", '"A&APE-o &- fin"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("台北", '"&U,BTFw-"'),
    ],
)
def test_folder_names_are_written_for_imap(name: str, quoted: str) -> None:
    assert quote_folder(name) == quoted
