"""Each client gets the form of answer that it likes best, and events only if it asks for them before all else."""

from __future__ import annotations

import pytest

from resolvers.engine.negotiation import MediaType, is_json, negotiate

RESPONSE = "application/graphql-response+json"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", MediaType.JSON),
        ("*/*", MediaType.JSON),
        ("application/*", MediaType.JSON),
        ("application/json", MediaType.JSON),
        ("Application/JSON; charset=utf-8", MediaType.JSON),
        (RESPONSE, MediaType.RESPONSE),
        (f"{RESPONSE}, application/json;q=0.9", MediaType.RESPONSE),
        (f"{RESPONSE};q=0.5, application/json", MediaType.JSON),
        (f"application/json, {RESPONSE}", MediaType.JSON),
        (f"{RESPONSE};q=0, application/json;q=0.1", MediaType.JSON),
        (
            f"{RESPONSE}, application/graphql+json, application/json, text/event-stream, multipart/mixed",
            MediaType.RESPONSE,
        ),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", MediaType.JSON),
        ("text/event-stream", MediaType.EVENTS),
        ("text/event-stream, application/json", MediaType.EVENTS),
        ("text/event-stream;q=0, application/json", MediaType.JSON),
        ("application/json;q=0.1, text/event-stream", MediaType.JSON),
        ("text/html", None),
        ("application/json;q=0", None),
        ("application/json;q=-1", None),
        ("application/json;q=nan", None),
        ("application/json;q=much", None),
        (";;,,;q=1,", None),
        ("application/json;q=0.1," * 1_000, MediaType.JSON),
    ],
)
def test_the_form_that_a_client_likes_best(accept: str, form: MediaType | None) -> None:
    assert negotiate(accept.encode()) is form


@pytest.mark.parametrize(
    ("content_type", "is_read"),
    [
        ("application/json", True),
        ('Application/JSON ; Charset="UTF-8"', True),
        ("application/json; charset=utf8; x=y", True),
        ("application/json; charset=utf-7", False),
        ("application/json; charset=utf-8; charset=utf-7", False),
        ("application/jsonp", False),
        ("text/plain; a=application/json", False),
        ("application/json;" + "x=y;" * 1_000, False),
        ("", False),
    ],
)
def test_only_what_says_that_it_is_json_in_utf_8_is_read(content_type: str, is_read: bool) -> None:
    assert is_json(content_type.encode()) is is_read
