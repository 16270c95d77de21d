"""How much LZW and run lengths would become (ISO 32000-1, 7.4.4 and 7.4.5): counted, and nothing is unpacked."""

from __future__ import annotations

_CLEAR, _END, _FIRST_FREE, _MOST_ENTRIES = 256, 257, 258, 4096
_LEAST_WIDTH, _WIDEST = 9, 12
_LITERAL_RUN, _NO_RUN = 127, 128


def lzw_size(data: bytes, *, is_early: bool, most: int) -> int:
    """
    Return about how many bytes it becomes, reckoned from its first *most* codes.

    *is_early* if codes grow one code before they must, as they mostly do.
    """
    lengths = [1] * _MOST_ENTRIES
    free, width, before, made = _FIRST_FREE, _LEAST_WIDTH, 0, 0
    held = bits = codes = taken = 0
    for byte in data:
        taken += 1
        held, bits = (held << 8 | byte) & 0xFFFFF, bits + 8
        if bits < width:
            continue
        bits -= width
        code = held >> bits & ((1 << width) - 1)
        codes += 1
        if code == _END or codes > most or (code > free and code != _CLEAR):
            break
        if code == _CLEAR:
            free, width, before = _FIRST_FREE, _LEAST_WIDTH, 0
            continue
        if before and free < _MOST_ENTRIES:
            lengths[free] = before + 1
            free += 1
            width = min(max(_LEAST_WIDTH, (free + is_early).bit_length()), _WIDEST)
        before = lengths[code] if code < free else before + 1
        made += before
    return _reckoned(made, taken, len(data), is_over=codes <= most)


def run_length_size(data: bytes, *, most: int) -> int:
    """Return about how many bytes it becomes, reckoned from its first *most* runs."""
    at = made = runs = 0
    while at < len(data) and runs < most and data[at] != _NO_RUN:
        length, runs = data[at], runs + 1
        made += length + 1 if length <= _LITERAL_RUN else 257 - length
        at += length + 2 if length <= _LITERAL_RUN else 2
    return _reckoned(made, max(at, 1), len(data), is_over=runs < most)


def _reckoned(made: int, taken: int, size: int, *, is_over: bool) -> int:
    return made if is_over else made * size // taken
