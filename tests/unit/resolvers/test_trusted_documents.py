"""Trusted documents are known by the hash of their text; where only they are answered, nobody is answered another."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import strawberry

from resolvers.engine.documents import digest_of
from resolvers.engine.errors import ErrorPresenter, RequestError
from resolvers.engine.execution import QUERIES, Asked, Execution, Trust
from resolvers.engine.observing import Observed
from resolvers.engine.terms import Terms


@strawberry.type
class Query:
    """What can be asked here."""

    @strawberry.field
    def greeting(self, name: str = "vecino") -> str:
        """Return a greeting."""
        return f"Buenos días, {name}"


SCHEMA = strawberry.Schema(Query)
TEXT = "query Hello($name: String!) { greeting(name: $name) }"
DIGEST = digest_of(TEXT)
OTHER = "{ greeting }"
HELLO = {"data": {"greeting": "Buenos días, Ana"}}


def execution(text: str = TEXT, *, is_required: bool = False, terms: Terms | None = None) -> Execution:
    trust = Trust({digest_of(text): text}, is_required=is_required)
    terms = terms or Terms(shows_schema=False)
    return Execution(SCHEMA, ErrorPresenter(lambda _: None, str), terms=terms, trust=trust)


async def answer(asked: Execution, **what: Any) -> tuple[Any, str | None]:
    answered = await asked.answer(Asked(variables={"name": "Ana"}, **what), None, kinds=QUERIES)
    return orjson.loads(answered.body), answered.code


@pytest.mark.parametrize(
    "what",
    [{"document_id": DIGEST}, {"document_id": f"sha256:{DIGEST.upper()}"}, {"document_id": DIGEST, "query": TEXT}],
)
@pytest.mark.parametrize("is_required", [False, True])
async def test_a_trusted_document_is_answered_by_its_id(what: dict[str, Any], *, is_required: bool) -> None:
    assert await answer(execution(is_required=is_required), **what) == (HELLO, None)


async def test_what_is_wrong_with_its_variables_is_told_though_others_are_not() -> None:
    asked = Asked(document_id=DIGEST, variables={"name": 1})
    other = Asked(query=f"{TEXT} # mine", variables={"name": 1})

    told = [(await execution().answer(each, None, kinds=QUERIES)).body for each in (asked, other)]

    assert b"String cannot represent" in told[0]
    assert b"String cannot represent" not in told[1]


async def test_its_text_is_as_good_as_its_id() -> None:
    assert await answer(execution(is_required=True), query=TEXT) == (HELLO, None)


@pytest.mark.parametrize(
    "what", [{"query": OTHER}, {"query": TEXT + " "}, {"document_id": digest_of(OTHER)}, {"query": ""}]
)
async def test_where_only_trusted_ones_are_answered_others_are_refused(what: dict[str, Any]) -> None:
    body, code = await answer(execution(is_required=True), **what)

    assert code == "UNTRUSTED_DOCUMENT"
    assert "data" not in body
    with pytest.raises(RequestError):
        execution(is_required=True).prepare(Asked(**what))


async def test_an_id_is_of_its_own_text_only() -> None:
    _, code = await answer(execution(), document_id=DIGEST, query=OTHER)

    assert code == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("what", "is_trusted"),
    [
        ({"document_id": DIGEST}, True),
        ({"query": TEXT}, True),
        ({"query": OTHER}, False),
        ({"document_id": digest_of(OTHER), "query": OTHER}, False),
    ],
)
async def test_who_watches_is_told_whether_it_is_trusted_not_how_it_was_named(
    what: dict[str, Any], *, is_trusted: bool
) -> None:
    """Metrics are kept by the names of trusted documents: strangers must not make up others by naming an id."""
    told = list[Observed]()
    watched = execution(terms=Terms(observer=told.append))
    await answer(watched, **what)

    assert [each.is_trusted for each in told] == [is_trusted]


async def test_an_unknown_id_is_answered_by_asking_for_the_text() -> None:
    body, code = await answer(execution(), document_id=digest_of(OTHER))

    assert (body["errors"][0]["message"], code) == ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize("text", ["{ greeting", "{ farewell }"])
def test_nothing_starts_with_a_trusted_document_in_no_order(text: str) -> None:
    with pytest.raises(RequestError):
        execution(text)
