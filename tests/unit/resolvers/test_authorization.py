"""The whole schema is walked: every field has a rule, every rule a field, and what has none is refused."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import pytest
import strawberry
from graphql import GraphQLSchema, GraphQLUnionType, get_named_type

from resolvers.authorization import ROOTS, TYPES, WRAPPERS, is_ruled, rule_of
from resolvers.engine.ruling import find_unruled, object_types, shut_unruled
from resolvers.root import build_schema
from rules.access import Right, Role
from rules.authorization import ANYONE, OWN, Rule, by_duty, by_right, check_admission
from rules.duties import Duty, NotYourDuty
from rules.refusals import NotSignedIn
from rules.service_tokens import Scope


def schema_of_the_counter() -> GraphQLSchema:
    return build_schema()._schema  # pyright: ignore[reportPrivateUsage]


def answers_of(mutation: Any) -> list[str]:
    union = get_named_type(mutation.type)
    assert isinstance(union, GraphQLUnionType)
    return [member.name for member in union.types]


def test_every_field_of_the_schema_has_a_rule() -> None:
    """Else: add a line for it to `resolvers/authorization.py`, in `ROOTS` or in `TYPES`."""
    assert sorted(find_unruled(schema_of_the_counter(), is_ruled)) == []


def test_every_rule_is_about_a_field_that_exists() -> None:
    types = {kind.name: kind for kind in object_types(schema_of_the_counter())}
    fields = {f"{name}.{field}" for name, kind in types.items() for field in kind.fields}
    by_field = {f"{name}.{field}" for name, ruled in TYPES.items() if isinstance(ruled, Mapping) for field in ruled}

    assert set(ROOTS) - fields == set()
    assert by_field - fields == set()
    assert set(TYPES) - set(types) == set()
    assert {name for name in TYPES if name.endswith(WRAPPERS)} == set()


def test_what_counts_as_a_wrapper_is_the_answer_of_a_mutation_or_a_list() -> None:
    schema = schema_of_the_counter()
    assert schema.mutation_type is not None
    answers = {name for field in schema.mutation_type.fields.values() for name in answers_of(field)}

    for kind in object_types(schema):
        match next((ending for ending in WRAPPERS if kind.name.endswith(ending)), None):
            case "Success":
                assert kind.name in answers
            case "Connection":
                assert set(kind.fields) <= {"edges", "pageInfo", "totalCount"}, kind.name
            case "Edge":
                # Where it was found is told by types with rules of their own.
                assert set(kind.fields) - {"foundIn"} == {"cursor", "node"}, kind.name
            case _:
                pass


def test_every_mutation_can_say_what_its_rule_may_refuse() -> None:
    schema = schema_of_the_counter()
    assert schema.mutation_type is not None

    for name, field in schema.mutation_type.fields.items():
        rule = rule_of("Mutation", name)
        assert rule is not None
        assert ("NotSignedIn" in answers_of(field)) >= rule.needs_session, name
        assert ("NotAllowed" in answers_of(field)) >= bool(rule.duties), name


def test_a_type_that_names_its_fields_does_not_cover_a_new_one() -> None:
    assert rule_of("Tramite", "number") == by_right(Right.SEE).for_programs(Scope.STATUS)
    assert rule_of("Tramite", "attachments") == by_right(Right.SEE)
    assert rule_of("Tramite", "lookupKey") == by_right(Right.ACT_AS_APPLICANT)
    assert rule_of("Tramite", "somethingNew") is None


@strawberry.type
class Thing:
    known: str
    forgotten: str


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> Thing:
        return Thing(known="known", forgotten="secret")

    @strawberry.field
    def forgotten(self) -> str:
        return "secret"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def forgotten(self) -> str:
        DONE.append("done")
        return "secret"


DONE: list[str] = []


def is_known(type_name: str, field_name: str, *, interfaces: frozenset[str] = frozenset()) -> bool:
    return not interfaces and (type_name, field_name) in {("Query", "thing"), ("Thing", "known")}


@strawberry.type
class Followed:
    @strawberry.subscription
    async def secrets(self) -> AsyncGenerator[str, None]:
        yield "secret"


@pytest.mark.parametrize(
    ("document", "data"),
    [
        ("{ thing { known } }", {"thing": {"known": "known"}}),
        ("{ thing { forgotten } }", None),
        ("{ thing { known more: forgotten } }", None),
        ("{ forgotten }", None),
        ("mutation { forgotten }", None),
    ],
)
def test_a_field_without_a_rule_is_refused_and_does_nothing(document: str, data: object) -> None:
    schema = strawberry.Schema(Query, Mutation)
    shut_unruled(schema._schema, is_known)  # pyright: ignore[reportPrivateUsage]

    result = asyncio.run(schema.execute(document))

    assert result.data == data
    assert [error.extensions for error in result.errors or []] == ([] if data else [{"code": "FIELD_WITHOUT_RULE"}])
    assert DONE == []


def test_a_subscription_without_a_rule_is_refused() -> None:
    schema = strawberry.Schema(Query, Mutation, Followed)
    shut_unruled(schema._schema, is_known)  # pyright: ignore[reportPrivateUsage]

    result: Any = asyncio.run(anext_of(schema))

    assert [error.extensions for error in result.errors] == [{"code": "FIELD_WITHOUT_RULE"}]


async def anext_of(schema: strawberry.Schema) -> object:
    found: Any = await schema.subscribe("subscription { secrets }")
    return await anext(aiter(found))


@pytest.mark.parametrize(
    ("rule", "role", "changes", "refusal"),
    [
        (ANYONE, None, True, None),
        (OWN, None, False, NotSignedIn),
        (OWN, Role.APPLICANT, True, None),
        (by_duty(Duty.ADMINISTER), None, True, NotSignedIn),
        (by_duty(Duty.ADMINISTER), Role.CLERK, True, NotYourDuty),
        (by_duty(Duty.ADMINISTER), Role.CLERK, False, None),
        (by_duty(Duty.ADMINISTER), Role.ADMINISTRATOR, True, None),
        (by_duty(Duty.ADMINISTER, Duty.EDIT_TEMPLATES), Role.SUPERVISOR, True, None),
    ],
)
def test_who_may_not_come_at_all_is_refused(
    rule: Rule, role: Role | None, changes: bool, refusal: type[Exception] | None
) -> None:
    if refusal is None:
        check_admission(rule, role, changes=changes)
        return
    with pytest.raises(refusal):
        check_admission(rule, role, changes=changes)
