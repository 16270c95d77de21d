"""A document that passed is not judged again; one that did not is, each time; and only so many are kept."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import strawberry
from graphql import NoSchemaIntrospectionCustomRule, OperationType, ValidationRule, parse

from resolvers.engine.documents import Documents, Kept
from resolvers.engine.errors import ErrorPresenter
from resolvers.engine.execution import QUERIES_AND_MUTATIONS, Answer, Asked, Execution
from resolvers.engine.judging import Judged

judged: list[str] = []


class NotingRule(ValidationRule):
    """Notes each time that documents are judged by the rules."""

    def enter_document(self, *_: Any) -> None:
        """Note a document."""
        judged.append("once")


@strawberry.type
class Query:
    """What can be asked here."""

    @strawberry.field
    def greeting(self, name: str = "vecino") -> str:
        """Return a greeting."""
        return f"Buenos días, {name}"


SCHEMA = strawberry.Schema(Query)


def execution(*more: type[ValidationRule]) -> Execution:
    return Execution(SCHEMA, ErrorPresenter(lambda _: None, str), rules=[NotingRule, *more])


async def answer(asked: Execution, query: str | None, **more: Any) -> Answer:
    return await asked.answer(Asked(query, **more), None, kinds=QUERIES_AND_MUTATIONS)


@pytest.fixture(autouse=True)
def forget() -> None:
    """Begin with nothing judged."""
    judged.clear()


async def test_what_has_passed_is_judged_once_and_answered_each_time() -> None:
    asked = execution()

    answers = [await answer(asked, "{ greeting }") for _ in range(3)]

    assert [each.body.decode() for each in answers] == ['{"data":{"greeting":"Buenos días, vecino"}}'] * 3
    assert judged == ["once"]


@pytest.mark.parametrize(
    "document",
    ["{ farewell }", f"{{ {'greeting ' * 501} }}", "{", '{ greeting @skip(if: "\0") }', "{" * 70, "", None],
    ids=["unknown", "fields", "syntax", "nul", "nesting", "empty", "none"],
)
async def test_what_has_not_passed_is_refused_each_time_and_has_no_data(document: str | None) -> None:
    asked = execution()

    answers = [await answer(asked, document) for _ in range(3)]

    assert [each.is_request_error for each in answers] == [True] * 3
    assert answers[0].body == answers[2].body
    assert list(orjson.loads(answers[0].body)) == ["errors"]


async def test_variables_that_do_not_fit_are_an_error_of_the_request() -> None:
    asked = await answer(execution(), "query Q($name: String!) { greeting(name: $name) }", variables={"name": 1})

    assert (asked.is_request_error, asked.code) == (True, "GRAPHQL_VALIDATION_FAILED")


async def test_an_operation_is_named_when_there_are_several() -> None:
    asked, two = execution(), 'query A { greeting } query B { greeting(name: "B") }'

    unnamed, named = await answer(asked, two), await answer(asked, two, operation_name="B")

    assert (unnamed.code, orjson.loads(named.body)["data"]["greeting"]) == ("BAD_REQUEST", "Buenos días, B")


async def test_an_operation_of_another_kind_is_not_run() -> None:
    asked = Asked("{ greeting }")

    refused = await execution().answer(asked, None, kinds=frozenset({OperationType.MUTATION}))

    assert (refused.is_request_error, refused.code) == (True, "BAD_REQUEST")


async def test_what_passed_without_a_rule_has_not_passed_with_it() -> None:
    document = "{ __schema { description } }"

    lax, strict = (
        await answer(execution(), document),
        await answer(execution(NoSchemaIntrospectionCustomRule), document),
    )

    assert (lax.code, strict.code) == (None, "GRAPHQL_VALIDATION_FAILED")


async def test_another_document_is_judged_for_itself() -> None:
    asked = execution()

    for document in ("{ greeting }", "{ greeting greeting }", "query { greeting }", "{ greeting }"):
        await answer(asked, document)

    assert judged == ["once"] * 3


def judged_of(text: str) -> Judged:
    return Judged(parse(text), {})


def test_only_so_many_are_kept_the_most_recent_ones() -> None:
    documents, document = Documents(most=2), judged_of("{ greeting }")

    for digest in "ab":
        documents.keep(Kept(digest, document))
    assert documents.get("a")
    documents.keep(Kept("c", document))

    assert [documents.get(digest) is not None for digest in "abc"] == [True, False, True]


def test_only_so_much_is_kept_however_few_they_are() -> None:
    documents = Documents(most_tokens=12)

    for digest in "abc":
        documents.keep(Kept(digest, judged_of("{ greeting greeting greeting greeting }")))

    assert [documents.get(digest) is not None for digest in "abc"] == [False, True, True]
