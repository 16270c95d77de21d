"""Errors that nobody foresaw are masked; those that were foreseen, and the library's own, are told."""

from __future__ import annotations

import logging

import pytest
from graphql import GraphQLError, build_schema, graphql_sync

from resolvers.engine.errors import ErrorPresenter, Known

SECRET = 'relation "users" does not exist'


class Foreseen(Exception):
    """An error with words for the client."""


def known(error: BaseException) -> Known | None:
    return Known("FORESEEN", "Vuelva a intentar.", ("name",)) if isinstance(error, Foreseen) else None


ERRORS = ErrorPresenter(known, lambda error_id: f"código {error_id}")


@pytest.mark.parametrize(
    "error",
    [
        GraphQLError(SECRET, original_error=RuntimeError(SECRET)),
        GraphQLError(SECRET, original_error=RuntimeError(SECRET), path=["tramites", 0]),
        GraphQLError(SECRET, original_error=GraphQLError(SECRET, original_error=OSError(SECRET))),
        GraphQLError(SECRET, path=["tramites"]),
    ],
    ids=["outside-a-field", "in-a-field", "wrapped", "while-completing-a-value"],
)
def test_the_unforeseen_is_masked_and_logged_once(error: GraphQLError, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        [shown] = ERRORS.present([error])

    assert SECRET not in str(shown)
    assert shown["extensions"]["code"] == "INTERNAL_ERROR"
    assert shown["message"] == f"código {shown['extensions']['id']}"
    [record] = caplog.records
    assert shown["extensions"]["id"] in record.getMessage()
    assert record.exc_info is not None


def test_a_null_where_none_may_be_is_the_clients_mistake() -> None:
    schema, text = build_schema("type Query { list(first: Int! = 50): Int }"), "query($n: Int) { list(first: $n) }"
    given = graphql_sync(schema, text, variable_values={"n": None})

    [shown] = ERRORS.present(given.errors or ())

    assert (shown["extensions"], shown["path"]) == ({"code": "GRAPHQL_VALIDATION_FAILED"}, ["list"])


def test_the_foreseen_is_told() -> None:
    [shown] = ERRORS.present([GraphQLError("x", original_error=Foreseen(), path=["tramite"])])

    assert shown == {
        "message": "Vuelva a intentar.",
        "extensions": {"code": "FORESEEN", "path": ["name"]},
        "path": ["tramite"],
    }


def test_the_librarys_own_words_are_told_in_short() -> None:
    [shown] = ERRORS.present([GraphQLError("Cannot query field " + "x" * 5_000)])

    assert shown["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert len(shown["message"]) == 300


def test_at_most_three_are_told() -> None:
    assert len(ERRORS.present([GraphQLError("x")] * 50)) == 3
