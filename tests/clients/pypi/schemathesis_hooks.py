"""For schemathesis: which answer is wrong, and what our scalars look like. It is read by its Python, not by ours."""

import os
from itertools import cycle

import schemathesis
from hypothesis import strategies as some
from schemathesis.graphql import nodes

UNFORESEEN = b'"code":"INTERNAL_ERROR"'

SCALARS = {
    "UUID": some.uuids().map(str),
    "UploadId": some.uuids().map(str),
    "DateTime": some.sampled_from(["2026-03-09T10:00:00-05:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00"]),
    "Date": some.dates().map(str) | some.sampled_from(["2026-02-30", "0000-00-00"]),
    "Time": some.sampled_from(["08:15", "24:00", "00:00"]),
    "SHA256": some.sampled_from(["0" * 64, "f" * 64, "ab"]),
    "EmailAddress": some.sampled_from(["ana@example.pe", "ana@", "ñ@ñ.pe"]),
}
for name, texts in SCALARS.items():
    schemathesis.graphql.scalar(name, (texts | some.text(max_size=9)).map(nodes.String))


@schemathesis.check
def answers_in_order(ctx, response, case):
    if response.status_code >= 500 or UNFORESEEN in response.content:
        raise AssertionError(f"{response.status_code}: {response.content[:500]!r}")


TOKENS = cycle(os.environ["TOKENS"].split() or [None])


@schemathesis.hook
def before_call(context, case, kwargs):
    if token := next(TOKENS):
        case.headers = {**(case.headers or {}), "authorization": f"Bearer {token}"}
