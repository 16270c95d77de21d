"""JSON from outside, read strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import json
from typing import Any, NoReturn

DEPTH = 32
DIGITS = 20


class BadJson(Exception):
    """The text is not the JSON object that was asked for."""


def read_object(data: bytes | str) -> dict[str, Any]:
    """
    Return the JSON object in *data*: UTF-8 without byte order mark, each name once, no NaN, no NUL, no half characters.

    Raises:
        BadJson: it is anything else, nested deeper than 32 levels, or holds numbers of more than 20 digits.
    """
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        found = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse, parse_int=_bounded)
    except (ValueError, RecursionError) as error:
        raise BadJson("not strict JSON") from error
    _check(found, DEPTH)
    if not isinstance(found, dict):
        raise BadJson("not an object")
    return found


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


def _check(value: object, levels: int) -> None:
    if levels == 0:
        raise BadJson("nested too deep")
    if isinstance(value, str):
        if "\0" in value or not _is_encodable(value):
            raise BadJson("a string holds what is no character")
    elif isinstance(value, dict):
        for name, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            _check(name, levels)  # pyright: ignore[reportUnknownArgumentType]
            _check(item, levels - 1)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            _check(item, levels - 1)  # pyright: ignore[reportUnknownArgumentType]


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
