"""Several mails in one fetch, whatever the server makes of it."""

from __future__ import annotations

from intake.answers import Listed
from intake.batches import LONGEST_BYTES, SMALL_BYTES, Batches, BatchFetch


class Kept:
    """A sink that keeps."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self.data += data


def sizes(batches: Batches, *size_bytes: int, alone: tuple[int, ...] = ()) -> list[int]:
    described = [Listed(uid, size, None) for uid, size in enumerate(size_bytes, 1)]
    return [len(batch) for batch in batches.cut(described, alone=alone)]


def test_batches_begin_with_one_mail_and_double() -> None:
    batches = Batches()

    assert sizes(batches, *[1000] * 40) == [1, 2, 4, 8, 16, 9]
    assert sizes(batches, *[1000] * 20) == [16, 4]
    assert sizes(batches, *[1000] * 5, alone=(3,)) == [2, 1, 2]


def test_a_mail_that_is_large_or_of_unknown_size_is_alone() -> None:
    batches = Batches()
    sizes(batches, *[1000] * 40)

    assert sizes(batches, 1000, 1000, SMALL_BYTES + 1, 1000, 0, 1000) == [2, 1, 1, 1, 1]


async def test_each_mail_goes_to_a_sink_of_its_own_in_the_order_of_the_answers() -> None:
    sinks = [Kept(), Kept()]
    command = BatchFetch("a1", [4, 7], sinks, timeout=60)
    for text in (b"siete", b"cuatro"):
        command.announce(len(text)).write(text)
    lines = [b"2 FETCH (UID 7 BODY[] {5}", b"", b")", b"1 FETCH (BODY[] {6}", b"", b" UID 4)"]

    assert command.places(lines) == {7: 0, 4: 1}
    assert [sink.data for sink in sinks] == [b"siete", b"cuatro"]
    command.close(b"", "OK")


async def test_of_answers_that_do_not_say_whose_they_are_nothing_is_believed() -> None:
    command = BatchFetch("a1", [4, 7], [Kept(), Kept()], timeout=60)
    command.announce(5)
    command.announce(6)

    assert command.places([b"2 FETCH (UID 7 BODY[] {5}", b"", b")"]) == {}
    assert command.places([b"2 FETCH (UID 7 BODY[] {5}", b"", b")", b"1 FETCH (UID 7 BODY[] {6}", b"", b")"]) == {}
    assert LONGEST_BYTES > SMALL_BYTES
    command.close(b"", "OK")
