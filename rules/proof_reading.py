"""Reading a file of proofs that may come from anybody: JSON of exactly the described form, in bounded memory."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import date
from typing import Any, Self

MOST_HEADS = 20_000
LONGEST_PATH = 128
LARGEST_SIGNATURE = 64 << 10
LARGEST_FILE = 64 << 20
"""Bytes of a file with heads: that of fifty years, with a time stamp each, is smaller."""

LARGEST_NUMBER = (1 << 63) - 1
_MOST_VALUES = 2_000_000
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DAY = re.compile(r"2\d{3}-\d{2}-\d{2}", re.ASCII)
LOG = re.compile(r"[!-~]{1,300}", re.ASCII)


class WrongForm(ValueError):
    """A file of proofs is not of the described form; the message says in Spanish what was expected, and where."""

    def __init__(self, place: str, expected: str) -> None:
        super().__init__(f"en {place} se esperaba {expected}" if place else f"se esperaba {expected}")


class Reader:
    """A JSON object with exactly the keys that it must have; each is asked for by its type."""

    def __init__(self, value: object, keys: set[str], *, place: str) -> None:
        if not isinstance(value, dict) or value.keys() != keys:
            raise WrongForm(place, "un objeto con " + ", ".join(sorted(keys)))
        self._values: dict[str, Any] = value
        self._place = place

    @classmethod
    def of_file(cls, data: bytes, format_: str, *, also: set[str]) -> Self:
        if len(data) > LARGEST_FILE:
            raise WrongForm("", f"un archivo de hasta {LARGEST_FILE >> 20} MB")
        # Before it is parsed: each comma is a value, and a value costs more memory than its text.
        if data.count(b",") > _MOST_VALUES or data.count(b"[") + data.count(b"{") > 4 * MOST_HEADS:
            raise WrongForm("", f"un archivo con hasta {MOST_HEADS} cabezas")
        read = cls(_parsed(data), {"format", *also}, place="")
        if read._values["format"] != format_:
            raise WrongForm("«format»", f"«{format_}»")
        return read

    def number(self, key: str, *, below: int = LARGEST_NUMBER + 1) -> int:
        value = self._values[key]
        if type(value) is not int or not 0 <= value < below:
            raise self._wrong(key, f"un entero desde 0 y menor que {below}")
        return value

    def log(self, key: str) -> str:
        return self._text(key, LOG, "el nombre del registro: hasta 300 letras, cifras y signos, sin espacios")

    def hash(self, key: str) -> bytes:
        return bytes.fromhex(self._text(key, _HASH, _A_HASH))

    def day(self, key: str) -> date:
        text = self._text(key, _DAY, _A_DAY)  # of this millennium: there is a day before and after it
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self._wrong(key, _A_DAY) from None

    def blob(self, key: str) -> bytes:
        value = self._values[key]
        try:
            data = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
        except (binascii.Error, ValueError):
            data = b""
        if not 0 < len(data) <= LARGEST_SIGNATURE:
            raise self._wrong(key, f"base64 de hasta {LARGEST_SIGNATURE} bytes")
        return data

    def is_null(self, key: str) -> bool:
        return self._values[key] is None

    def path(self, key: str) -> tuple[bytes, ...]:
        value = self._values[key]
        if not isinstance(value, list) or len(value) > LONGEST_PATH:
            raise self._wrong(key, f"una lista de hasta {LONGEST_PATH} resúmenes")
        if not all(isinstance(each, str) and _HASH.fullmatch(each) for each in value):
            raise self._wrong(key, "una lista de resúmenes, cada uno de 64 cifras hexadecimales en minúsculas")
        return tuple(bytes.fromhex(each) for each in value)

    def members(self, key: str, keys: set[str], *, most: int) -> list[Reader]:
        value = self._values[key]
        if not isinstance(value, list) or len(value) > most:
            raise self._wrong(key, f"una lista de hasta {most}")
        return [Reader(each, keys, place=f"«{key}[{position}]»") for position, each in enumerate(value)]

    def _text(self, key: str, pattern: re.Pattern[str], expected: str) -> str:
        value = self._values[key]
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self._wrong(key, expected)
        return value

    def _wrong(self, key: str, expected: str) -> WrongForm:
        return WrongForm(f"«{key}» de {self._place}" if self._place else f"«{key}»", expected)


_A_HASH = "un resumen de 64 cifras hexadecimales en minúsculas"
_A_DAY = "una fecha como 2026-03-09"


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_without_doubles, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise WrongForm("", "un archivo JSON") from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key stands twice")
    return values


def _no_constant(name: str) -> object:
    raise ValueError(name)
