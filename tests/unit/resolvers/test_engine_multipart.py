"""The multipart reader gives each part's bytes as sent, however the body is cut into chunks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.engine.multipart import BadMultipart, Part, PartReader

HEAD = b'--cut\r\nContent-Disposition: form-data; name="%s"; filename="a.pdf"\r\n\r\n'


async def cut(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def body_of(*parts: bytes) -> bytes:
    return b"".join(HEAD % str(place).encode() + data + b"\r\n" for place, data in enumerate(parts)) + b"--cut--\r\n"


@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([b"\r\n--cu", b"\r\n--cut-", b"\r\n", b"--cut"]), max_size=4),
    st.integers(1, 90),
)
async def test_parts_come_as_they_were_sent(parts: list[bytes], size: int) -> None:
    parts = [data for data in parts if b"\r\n--cut" not in b"\r\n" + data]
    reader = PartReader(cut(body_of(*parts), size), b"cut")

    found: list[bytes] = []
    while part := await reader.next_part():
        assert part == Part(str(len(found)), "a.pdf")
        found.append(await reader.read(1_000))

    assert found == parts


async def test_what_is_not_read_of_a_part_is_passed_over() -> None:
    reader = PartReader(cut(body_of(b"x" * 500, b"second"), 7), b"cut")

    await reader.next_part()
    await reader.next_part()

    assert await reader.read(10) == b"second"


@pytest.mark.parametrize(
    "body",
    [
        b"no multipart at all",
        body_of(b"x")[:-20],
        b"--cut\r\nContent-Type: text/plain\r\n\r\nx\r\n--cut--\r\n",
        b'--cut\r\nContent-Disposition: attachment; name="x"\r\n\r\nx\r\n--cut--\r\n',
        b"--cut\r\n" + b"X: y\r\n" * 50 + b"\r\nx\r\n--cut--\r\n",
        b"--cut\r\nContent-Disposition: form-data; name=" + b"x" * 5_000 + b"\r\n\r\nx\r\n--cut--\r\n",
    ],
    ids=["none", "broken-off", "nameless", "attachment", "many-headers", "long-header"],
)
async def test_a_malformed_body_is_refused(body: bytes) -> None:
    reader = PartReader(cut(body, 11), b"cut")

    with pytest.raises(BadMultipart):
        while await reader.next_part():
            await reader.read(1_000)


async def test_a_field_that_is_too_long_is_refused() -> None:
    reader = PartReader(cut(body_of(b"x" * 101), 50), b"cut")
    await reader.next_part()

    with pytest.raises(BadMultipart):
        await reader.read(100)


def test_a_boundary_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadMultipart):
        PartReader(cut(b"", 1), b"x" * 5_000)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("solicitud%20%C3%B1and%C3%BA.pdf", "solicitud ñandú.pdf"),
        ("100%.pdf", "100%.pdf"),
        ("a b%20c.pdf", "a b%20c.pdf"),
        ("ñ%20.pdf", "ñ%20.pdf"),
        ("%FF.pdf", "%FF.pdf"),
    ],
)
async def test_a_name_that_a_program_encoded_is_read_as_it_is(sent: str, read: str) -> None:
    body = body_of(b"x").replace(b"a.pdf", sent.encode())

    part = await PartReader(cut(body, 1_000), b"cut").next_part()

    assert part == Part("0", read)
