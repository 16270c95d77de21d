"""JSON from outside, read strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import orjson

DEPTH = 32
DIGITS = 20
NUL = b"\\u0000"


class BadJson(Exception):
    """The text is not the JSON object that was asked for."""


def read_object(data: bytes | str) -> dict[str, Any]:
    """
    Return the JSON object in *data*: UTF-8 without byte order mark, each name once, no NaN, no NUL, no half characters.

    Raises:
        BadJson: it is anything else, nested deeper than 32 levels, or holds numbers of more than 20 digits.
    """
    if isinstance(data, bytes) and (plain := _read_plain(data)) is not None:
        return plain
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        found = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse, parse_int=_bounded)
    except (ValueError, RecursionError) as error:
        raise BadJson("not strict JSON") from error
    _check(found, DEPTH)
    if not isinstance(found, dict):
        raise BadJson("not an object")
    return found


def _read_plain(data: bytes) -> dict[str, Any] | None:
    """
    Return the object in *data* if it is written as programs write it; None if it must be read slowly, as few must.

    What orjson writes again to the letter holds no name twice and no number that it would round.
    """
    if NUL in data:
        return None
    try:
        found = orjson.loads(data)
        is_shallow = data.count(b"{") + data.count(b"[") < DEPTH or _is_shallow(found, DEPTH)
        is_plain = type(found) is dict and is_shallow and orjson.dumps(found) == data
    except ValueError:
        return None
    return found if is_plain else None


def _is_shallow(value: Any, levels: int) -> bool:
    if type(value) is dict:
        value = value.values()
    elif type(value) is not list:
        return levels > 0
    return levels > 0 and all(_is_shallow(item, levels - 1) for item in value if type(item) is not str)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _bounded(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ValueError("too many digits")
    return int(digits)


def _check(value: Any, levels: int) -> None:
    if levels == 0:
        raise BadJson("nested too deep")
    kind = type(value)
    if kind is str:
        if "\0" in value or not _is_encodable(value):
            raise BadJson("a string holds what is no character")
    elif kind is dict:
        for name, item in value.items():
            _check(name, levels)
            _check(item, levels - 1)
    elif kind is list:
        for item in value:
            _check(item, levels - 1)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
