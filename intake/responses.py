"""IMAP answers out of a stream of bytes (RFC 3501, 7): lines and literals, without recursion, within bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

LONGEST_LINE: Final = 8 * 1024 * 1024
LONGEST_LITERAL: Final = 1024 * 1024

_LITERAL = re.compile(rb"\{([0-9]{1,19})\}$")
_FREE_TEXT = re.compile(rb"(?:\* (?:OK|NO|BAD|BYE|PREAUTH)\b|[^*])", re.IGNORECASE)
"""Answers that end in words for people, where braces mean nothing."""

Answer: TypeAlias = list[bytes]
"""A line, and for each literal in it the literal and the rest of the line; empty for a literal that went to a sink."""


class Sink(Protocol):
    """Where a literal goes while it arrives."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""
        ...


class AnswerUnreadable(Exception):
    """The server says something that is no IMAP, or too long."""


class AnswerReader:
    """
    Cuts a stream into answers.

    `open_sink` is asked, for each literal with the line that announces it and its size, where it goes; None keeps it
    in memory, up to 1 MiB. `take` is given each answer when it is whole.
    """

    def __init__(self, open_sink: Callable[[bytes, int], Sink | None], take: Callable[[Answer], None]) -> None:
        self._open_sink = open_sink
        self._take = take
        self._answer: Answer = []
        self._line = bytearray()
        self._left = 0
        self._sink: Sink | None = None
        self._literal = bytearray()

    @property
    def is_between_answers(self) -> bool:
        """Whether the last answer has ended and nothing of the next has come."""
        return not (self._answer or self._line or self._left)

    def feed(self, data: bytes) -> None:
        """
        Take the next bytes of the stream.

        Raises:
            AnswerUnreadable: a line or literal is longer than any that is expected.
        """
        position = 0
        while position < len(data):
            position = self._feed_literal(data, position) if self._left else self._feed_line(data, position)

    def _feed_literal(self, data: bytes, position: int) -> int:
        piece = data[position : position + self._left]
        (self._sink.write if self._sink else self._literal.extend)(piece)
        self._left -= len(piece)
        if not self._left:
            self._end_literal()
        return position + len(piece)

    def _end_literal(self) -> None:
        self._answer.append(bytes(self._literal))
        self._literal.clear()
        self._sink = None

    def _feed_line(self, data: bytes, position: int) -> int:
        end = data.find(b"\n", position) + 1
        if end and not self._line and end - position <= LONGEST_LINE:
            self._end_line(data[position:end].rstrip(b"\r\n"))
            return end
        self._line += data[position : end or len(data)]
        if len(self._line) > LONGEST_LINE:
            raise AnswerUnreadable("a line that does not end")
        if end:
            line = bytes(self._line).rstrip(b"\r\n")
            self._line.clear()
            self._end_line(line)
        return end or len(data)

    def _end_line(self, line: bytes) -> None:
        self._answer.append(line)
        announced = None if _FREE_TEXT.match(self._answer[0]) else _LITERAL.search(line)
        if announced is None:
            answer, self._answer = self._answer, []
            self._take(answer)
            return
        self._left = int(announced[1])
        self._sink = self._open_sink(line, self._left)
        if self._sink is None and self._left > LONGEST_LITERAL:
            raise AnswerUnreadable("a literal that was not asked for")
        if not self._left:
            self._end_literal()
