"""A document that passed is not judged again; one that did not is, each time."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import NoSchemaIntrospectionCustomRule, ValidationRule
from strawberry.extensions import AddValidationRules

from resolvers.engine.known_documents import KnownDocuments
from resolvers.engine.limits import DocumentLimits

judged: list[str] = []


class NotingRule(ValidationRule):
    """Notes each time that documents are judged by the rules."""

    def enter_document(self, *_: Any) -> None:
        """Note a document."""
        judged.append("once")


@strawberry.type
class Query:
    """What can be asked here."""

    greeting: str = "Buenos días"


def schema(known: KnownDocuments, *more: type[ValidationRule]) -> strawberry.Schema:
    rules = AddValidationRules([NotingRule, *more])
    extensions: list[Any] = [lambda: DocumentLimits(known), lambda: rules]
    return strawberry.Schema(Query, extensions=extensions)


@pytest.fixture(autouse=True)
def forget() -> None:
    """Begin with nothing judged."""
    judged.clear()


async def test_what_has_passed_is_judged_once_and_answered_each_time() -> None:
    asked = schema(KnownDocuments())

    answers = [await asked.execute("{ greeting }", root_value=Query()) for _ in range(3)]

    assert [answer.data for answer in answers] == [{"greeting": "Buenos días"}] * 3
    assert judged == ["once"]


@pytest.mark.parametrize(
    "document", ["{ farewell }", f"{{ {'greeting ' * 501} }}", "{", '{ greeting @skip(if: "\0") }']
)
async def test_what_has_not_passed_is_refused_each_time(document: str) -> None:
    asked = schema(KnownDocuments())

    answers = [await asked.execute(document) for _ in range(3)]

    assert [bool(answer.errors) for answer in answers] == [True] * 3
    assert str(answers[0].errors) == str(answers[2].errors)


async def test_what_passed_without_a_rule_has_not_passed_with_it() -> None:
    known = KnownDocuments()

    lax = await schema(known).execute("{ __schema { description } }")
    strict = await schema(known, NoSchemaIntrospectionCustomRule).execute("{ __schema { description } }")

    assert (lax.errors, bool(strict.errors)) == (None, True)


async def test_another_document_is_judged_for_itself() -> None:
    asked = schema(KnownDocuments())

    for document in ("{ greeting }", "{ greeting greeting }", "query { greeting }", "{ greeting }"):
        await asked.execute(document, root_value=Query())

    assert judged == ["once"] * 3


def test_only_so_many_are_remembered_the_most_recent_ones() -> None:
    known = KnownDocuments(most=2)

    for digest in (b"a", b"b"):
        known.learn(digest)
    assert known.knows(b"a")
    known.learn(b"c")

    assert [known.knows(digest) for digest in (b"a", b"b", b"c")] == [True, False, True]
