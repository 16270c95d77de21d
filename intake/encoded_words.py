"""Text in header fields: encoded words (RFC 2047) and parameters (RFC 2231), read leniently and within bounds."""

from __future__ import annotations

import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from intake.charsets import decode_bytes

LONGEST_VALUE: Final = 64 * 1024
MOST_PARAMETERS: Final = 200

_AS_IT_STANDS: Final = frozenset({"boundary"})
"""What is searched for in the mail byte by byte: no word is decoded in it, whatever it looks like."""

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]*)\?=")
_PARAMETER = re.compile(
    r"""\s*([^\s;=*"()]{1,60})(\*[0-9]{1,4})?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))""",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


def decode_text(value: str) -> str:
    """Return the text of a field's value; words between which there is only white space are joined before decoding."""
    value = value[:LONGEST_VALUE]
    if "=?" not in value:
        return value if value.isascii() else decode_bytes(value.encode("latin-1", errors="replace"))
    decoded: list[str] = []
    pending, charset, position = bytearray(), "", 0
    for word in _WORD.finditer(value):
        between = value[position : word.start()]
        word_charset = word[1].partition("*")[0].lower()
        if between.strip() or word_charset != charset:
            decoded.append(decode_bytes(bytes(pending), charset))
            pending.clear()
        if between.strip() or not position:
            decoded.append(decode_bytes(between.encode("latin-1", errors="replace")))
        pending += _word_bytes(word[2], word[3])
        charset, position = word_charset, word.end()
    decoded.append(decode_bytes(bytes(pending), charset))
    decoded.append(decode_bytes(value[position:].encode("latin-1", errors="replace")))
    return "".join(decoded)


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        return binascii.a2b_qp(text.replace("_", " ").encode("latin-1"), header=False)
    digits = _NOT_BASE64.sub("", text)
    whole = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return binascii.a2b_base64(whole + "=" * (-len(whole) % 4))


def read_parameters(value: str) -> tuple[str, list[tuple[str, str]]]:
    """Return what stands before the first semicolon, in lower case, and the parameters, each as decoded text."""
    main, _, rest = value[:LONGEST_VALUE].partition(";")
    plain: list[tuple[str, str]] = []
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _parameters(rest):
        name, text = match[1].lower(), _ESCAPED.sub(r"\1", match[4]) if match[4] is not None else match[5].strip()
        if match[2] or match[3]:
            place = int(match[2][1:]) if match[2] else 0
            pieces.setdefault(name, {}).setdefault(place, (text, bool(match[3])))
        else:
            plain.append((name, text if name in _AS_IT_STANDS else decode_text(text)))
    joined = [(name, _joined(segments)) for name, segments in pieces.items()]
    return _first_word(main), joined + plain


def _parameters(rest: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    position = 0
    while position < len(rest) and len(found) < MOST_PARAMETERS:
        match = _PARAMETER.match(rest, position)
        if match:
            found.append(match)
        after = rest.find(";", match.end() if match else position)
        if after < 0:
            break
        position = after + 1
    return found


def _joined(segments: dict[int, tuple[str, bool]]) -> str:
    """Return the value of a parameter in segments; the first one says the charset, and each whether it is escaped."""
    charset, data = "", bytearray()
    for place, (text, is_escaped) in sorted(segments.items()):
        if is_escaped and place == min(segments) and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw = text.encode("latin-1", errors="replace")
        data += unquote_to_bytes(raw) if is_escaped else raw
    return decode_bytes(bytes(data), charset)


def _first_word(text: str) -> str:
    return (re.split(r"[\s(;,]", text.strip(), maxsplit=1)[0]).lower()
