"""What comes over a socket is read within bounds, whatever server has let it through."""

from __future__ import annotations

import json

import pytest

from resolvers.engine.messages import MESSAGE_BYTES, Close, Ending, Ping, read_message


def ping_of(size_bytes: int, letter: str = "x") -> str:
    """Return a message of so many bytes."""
    empty = json.dumps({"type": "ping", "payload": {"x": ""}})
    room = size_bytes - len(empty)
    text = letter * (room // len(letter.encode())) + "x" * (room % len(letter.encode()))
    return json.dumps({"type": "ping", "payload": {"x": text}}, ensure_ascii=False)


@pytest.mark.parametrize("letter", ["x", "ñ"])
def test_a_message_has_at_most_so_many_bytes_whatever_its_letters(letter: str) -> None:
    assert read_message({"text": ping_of(MESSAGE_BYTES, letter)}) == Ping()

    with pytest.raises(Ending) as ending:
        read_message({"text": ping_of(MESSAGE_BYTES + 1, letter)})
    assert ending.value.code is Close.TOO_BIG
