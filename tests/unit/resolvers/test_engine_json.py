"""Only JSON that every reader understands alike is read."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.engine.strict_json import BadJson, read_object

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_any_plain_object_is_read_as_it_is(value: dict[str, object]) -> None:
    assert read_object(json.dumps(value).encode()) == value
    assert read_object(orjson.dumps(value)) == value


@given(st.binary(max_size=80) | st.text(max_size=40))
def test_anything_else_is_refused_and_nothing_crashes(data: bytes | str) -> None:
    try:
        assert isinstance(read_object(data), dict)
    except BadJson:
        return


@pytest.mark.parametrize(
    "data",
    [
        b"[1]",
        b'"x"',
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": "\xf1"}',
        b'{"a": 1, "a": 2}',
        b'{"a":1,"a":2}',
        b'{"a":1,"b":{"c":1,"c":2}}',
        b'{"a":"\\u0000"}',
        b'{"a":123456789012345678901}',
        b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": ["\\ud83d"]}',
        b'{"a": 123456789012345678901}',
        b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
        b"[" * 100_000,
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_can_be_understood_in_two_ways_is_refused(data: bytes) -> None:
    with pytest.raises(BadJson):
        read_object(data)
