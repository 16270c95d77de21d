"""Every list that can be given has an end: one element more is refused, with a code that stays."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
)

from actions.drafts import MOST_FILES
from reading.tramites import MOST_AT_ONCE
from rules.access import Role
from rules.choices import MOST_CHOICES
from rules.files import FILE_KINDS, MAX_ANNEXES, MAX_ANSWER_FILES
from rules.holidays import MOST_TYPED
from rules.observations import MOST_POINTS
from rules.staff import MOST_OFFICES
from tests.api import Api, filing, in_process, make_feed
from tests.sdl import published_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from graphql import GraphQLSchema

    from tests.counter import Counter
    from tests.servers.postgres import Database

OFFICE = "SEDE-CENTRAL"
SCHEMA = published_schema()


@dataclass(frozen=True)
class Ended:
    """A list that can be given: by whom, with what beside it, to what, how long at most, and how it is refused."""

    asked: str
    role: Role
    most: int
    code: str = "TOO_MANY_CHOICES"
    beside: dict[str, Any] = field(default_factory=dict[str, Any])
    element: Any = None


def of_enum(name: str) -> int:
    """Return how many values an enumeration has."""
    found = SCHEMA.type_map[name]
    assert isinstance(found, GraphQLEnumType)
    return len(found.values)


APPOINTED = {"role": "CLERK", "userId": str(uuid4())}
INVITED = {"role": "CLERK", "email": "nadie@example.pe"}
TOKEN = {"name": "Tablero", "scopes": ["STATUS"], "officeCodes": [], "allOffices": True}
POLICY = {"expectedVersion": 1}
DAY = {"day": "2027-01-04", "isClosed": True, "name": "Feriado", "source": "Decreto"}

CHOICES = (
    ("officeCodes", "String", OFFICE),
    ("documentKinds", "DocumentKind", "APPLICATION"),
    ("statuses", "TramiteStatus", "PENDING"),
)

LISTS = {
    "AssignStaffInput.officeCodes": Ended("assignStaff", Role.ADMINISTRATOR, MOST_OFFICES, beside=APPOINTED),
    "InviteStaffInput.officeCodes": Ended("inviteStaff", Role.ADMINISTRATOR, MOST_OFFICES, beside=INVITED),
    "CreateServiceTokenInput.scopes": Ended("createServiceToken", Role.ADMINISTRATOR, of_enum("Scope"), beside=TOKEN),
    "CreateServiceTokenInput.officeCodes": Ended(
        "createServiceToken", Role.ADMINISTRATOR, MOST_OFFICES, "TOKEN_OFFICES", beside=TOKEN | {"allOffices": False}
    ),
    "ChangeCounterPolicyInput.annexKinds": Ended(
        "changeCounterPolicy", Role.ADMINISTRATOR, len(FILE_KINDS), beside=POLICY
    ),
    "ChangeCounterPolicyInput.refusedFindings": Ended(
        "changeCounterPolicy", Role.ADMINISTRATOR, of_enum("Finding"), beside=POLICY
    ),
    "DeclareDaysInput.days": Ended(
        "declareDays", Role.ADMINISTRATOR, MOST_TYPED, "DAYS_OUT_OF_NUMBER", beside={"expectedVersion": ""}, element=DAY
    ),
    "ReorderOfficesInput.codes": Ended(
        "reorderOffices", Role.ADMINISTRATOR, 200, "ORDER_INCOMPLETE", beside={"expectedVersion": 1}
    ),
    "FileTramiteInput.annexUploads": Ended(
        "fileTramite", Role.APPLICANT, MAX_ANNEXES, "TOO_MANY_ANNEXES", beside=filing(uuid4())
    ),
    "ObserveTramiteInput.points": Ended("observeTramite", Role.CLERK, MOST_POINTS, "TOO_MANY_POINTS"),
    "ResolveTramiteInput.files": Ended(
        "resolveTramite", Role.CLERK, MAX_ANSWER_FILES, "TOO_MANY_FILES", beside={"text": "Se atiende."}
    ),
    "CorrectTramiteInput.annexes": Ended(
        "correctTramite", Role.APPLICANT, MAX_ANNEXES, "TOO_MANY_ANNEXES", element={"upload": str(uuid4())}
    ),
    "FilingInput.annexUploads": Ended("saveDraft", Role.APPLICANT, MOST_FILES),
    "Query.nodes.ids": Ended(
        "query($list: [ID!]!) { nodes(ids: $list) { id } }",
        Role.APPLICANT,
        MOST_AT_ONCE,
        "PAGE_SIZE",
        element=str(uuid4()),
    ),
    **{
        f"Query.report.{name}": Ended(
            f"""query($list: [{kind}!]) {{
                report(from: "2026-01-01", to: "2026-01-31", {name}: $list) {{ waitingOn }} }}""",
            Role.SUPERVISOR,
            MOST_CHOICES,
            element=element,
        )
        for name, kind, element in CHOICES
    },
    **{
        f"TramiteFilter.{name}": Ended(
            f"query($list: [{kind}!]) {{ tramites(filter: {{{name}: $list}}) {{ edges {{ cursor }} }} }}",
            Role.SUPERVISOR,
            MOST_CHOICES,
            element=element,
        )
        for name, kind, element in CHOICES
    },
    "StatusChangesFilter.statuses": Ended(
        "subscription($list: [TramiteStatus!]) { statusChanges(filter: {statuses: $list}) { cursor } }",
        Role.SUPERVISOR,
        MOST_CHOICES,
        element="PENDING",
    ),
}

BY_LINK = {"CompleteFilingInput.annexUploads": "whose link is good is asked first, and then the rule of `fileTramite`"}
"""Lists that are judged only after something that is not made here."""


def lists_given(schema: GraphQLSchema) -> Iterator[str]:
    """Return, as `Type.field` or `Type.field.argument`, all lists that can be given."""
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLInputObjectType):
            yield from (f"{name}.{key}" for key, each in kind.fields.items() if _is_list(each.type))
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            for key, each in kind.fields.items():
                yield from (f"{name}.{key}.{arg}" for arg, given in each.args.items() if _is_list(given.type))


def _is_list(kind: Any) -> bool:
    return isinstance(get_nullable_type(kind), GraphQLList)


async def test_one_element_more_than_a_list_may_have_is_refused(counter: Counter, database: Database) -> None:
    async with in_process(counter, make_feed(database)) as stranger:
        people = {
            role: await stranger.signed_in(counter, role=role, office=OFFICE if role is Role.CLERK else None)
            for role in {each.role for each in LISTS.values()}
        }
        tramite = await counter.file(people[Role.APPLICANT].viewer)
        by_mutation = {
            name: await refused(people[each.role], name, each, tramite.id)
            for name, each in LISTS.items()
            if not each.asked.startswith(("query", "subscription"))
        }
        by_argument = {
            name: await refused_argument(people[each.role], each)
            for name, each in LISTS.items()
            if each.asked.startswith(("query", "subscription"))
        }

    assert by_mutation | by_argument == {name: each.code for name, each in LISTS.items()}


def test_every_list_that_can_be_given_is_known_here() -> None:
    assert set(lists_given(SCHEMA)) == LISTS.keys() | BY_LINK.keys()


async def refused(person: Api, name: str, each: Ended, tramite_id: UUID) -> str:
    """Give one element too many in the input of a mutation; return the code of the refusal."""
    kind_name, field_name = name.split(".")
    kind = SCHEMA.type_map[kind_name]
    assert isinstance(kind, GraphQLInputObjectType)
    given = each.beside | {field_name: [each.element or element_of(kind.fields[field_name].type)] * (each.most + 1)}
    if kind_name == "FilingInput":
        given = {"form": given}
    elif "id" in kind.fields:
        given["id"] = str(tramite_id)
    return (await person.mutate(each.asked, **given))["code"]


async def refused_argument(person: Api, each: Ended) -> str:
    """Give one element too many in a variable; return the code of the error."""
    headers = {"authorization": f"Bearer {person.token}"}
    if each.asked.startswith("subscription"):
        headers["accept"] = "text/event-stream"
    body = {"query": each.asked, "variables": {"list": [each.element] * (each.most + 1)}}
    answer = (await person.http.post("/graphql", json=body, headers=headers)).text
    return json.loads(answer.removeprefix("event: next\ndata: ").split("\n\n")[0])["errors"][0]["extensions"]["code"]


def element_of(kind: Any) -> str:
    """Return something that such a list may hold."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    return str(uuid4()) if named.name == "UploadId" else "X"
