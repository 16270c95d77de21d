"""One counter for the whole matrix: somebody in each role, what they ask about, and all that could change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg

from actions.service_tokens import TokenForm, create_service_token
from rules.access import Role
from rules.numbering import format_number
from rules.service_tokens import Scope
from tests.api import Api
from tests.matrix.table import OWN, PROGRAM, ROLES

if TYPE_CHECKING:
    from pathlib import Path

    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database

OFFICE, ANOTHER_OFFICE, STRANGE_OFFICE = "SEDE-CENTRAL", "CUSCO", "PUNO"
"""Where all staff serve; where their office refers to; of which they know nothing."""

NO_ID = UUID("00000000-0000-4000-8000-000000000000")
"""The id of nothing."""

WITHOUT_SECOND_FACTOR = "clerk without second factor"

UNCOUNTED = ("throttles", "spent_challenges", "read_entries", "tortoise_migrations")
"""Tables that also change when nothing is done: counters of attempts, and what was read."""

UNCOUNTED_COLUMNS = ("last_seen_at", "idle_until", "last_used_at")

WRITTEN_ALIKE = ("exports",)
"""Tables where an answer may leave all as it was, by more than one write: an export is held while it is fetched."""

TABLES = """
SELECT c.relname, EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = ANY($2) AND NOT a.attisdropped
) AS is_by_value, EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'chain' AND NOT a.attisdropped
) AS has_chains
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL($1)
ORDER BY c.relname
"""
BY_VALUE = (
    "md5(coalesce(string_agg((to_jsonb(t) - $1::text[])::text, '' ORDER BY (to_jsonb(t) - $1::text[])::text), ''))"
)
"""What the rows hold but for the uncounted columns."""

BY_WRITER = "concat_ws(' ', count(*), max(xmin::text::bigint), sum(xmin::text::bigint))"
"""How many rows there are and which transactions wrote them: cheap, and otherwise after any write."""

DIGEST = "SELECT '{table}' AS name, {digest} AS digest FROM {table} t WHERE {condition}"


@dataclass(frozen=True)
class Thing:
    """What is asked about: its id, what must not be told of it, and further ids and words by which it is asked for."""

    id: UUID | str
    marks: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict[str, str])

    def __getitem__(self, name: str) -> str:
        return self.more.get(name, str(NO_ID))


NOTHING = Thing(NO_ID, more={"number": format_number("MPD", 2026, 999_999), "lookup_key": "AAAA-AAAA-AAAA-AAAA-AAAA"})
"""What is not there, by every way to ask for it."""


@dataclass(frozen=True)
class Person:
    """Somebody who asks; nobody has no session, and like a program nothing of their own."""

    name: str
    role: Role | None
    api: Api

    @property
    def viewer(self) -> Viewer:
        """Who they are to the actions."""
        return self.api.viewer

    def column_of(self, operation: str) -> str:
        """Return what the table calls them, where it says what comes of an operation."""
        if self.name != WITHOUT_SECOND_FACTOR:
            return self.name
        return "clerk" if operation.endswith("ccountClosure") else "applicant"


Maker: TypeAlias = "Callable[[World, Person, int], Awaitable[Thing]]"


class World:
    """The counter, who asks, and the things that exist so far."""

    def __init__(self, counter: Counter, stranger: Api, owner: asyncpg.Connection, folder: Path) -> None:
        self.counter = counter
        self.stranger = stranger
        self.people = dict[str, Person]()
        self._owner = owner
        self._folder = folder
        self._digest_query = ""
        self._things = dict[tuple[Maker, str, int], Thing]()
        self._last_state: dict[str, Any] | None = None

    async def open(self) -> None:
        """Let everybody in: one person for each role, and an applicant and a clerk whom the things come from."""
        tables = await self._owner.fetch(TABLES, list(UNCOUNTED), list(UNCOUNTED_COLUMNS))
        self._digest_query = " UNION ALL ".join(digest_of(row) for row in tables)
        self.maria = await self.counter.register()
        self.colleague = await self.counter.register(role=Role.CLERK, office=OFFICE)
        self.stranger_clerk = await self.counter.register(role=Role.CLERK, office=STRANGE_OFFICE)
        await self.counter.file(self.maria)  # the number that refusals give as an example is nobody's here
        for name in (*ROLES, WITHOUT_SECOND_FACTOR, PROGRAM):
            self.people[name] = await self.newcomer(name)

    async def newcomer(self, name: str) -> Person:
        """Return somebody new of this name in the table, signed in."""
        self._last_state = None
        match name:
            case "nobody":
                return Person(name, None, self.stranger)
            case _ if name == PROGRAM:
                return Person(name, None, await self.with_service_token())
            case "applicant":
                return Person(name, Role.APPLICANT, await self.signed_in(Role.APPLICANT))
            case _ if name == WITHOUT_SECOND_FACTOR:
                # Whoever has shown none in their session counts as an applicant, whatever office they serve.
                clerk = await self.signed_in(Role.CLERK, office=OFFICE, has_second_factor=False)
                return Person(name, Role.APPLICANT, clerk)
            case _:
                role = Role(name.upper())
                return Person(name, role, await self.signed_in(role, office=OFFICE))

    async def signed_in(self, role: Role, *, office: str | None = None, has_second_factor: bool = True) -> Api:
        """Register somebody and sign them in."""
        await self.forgive()
        number = self.counter.registration().identity_number
        return await self.stranger.signed_in(
            self.counter,
            role=role,
            office=office,
            has_second_factor=has_second_factor,
            identity_number=number,
            email=f"p{number}@example.pe",
        )

    async def with_service_token(self) -> Api:
        """Return the API of a program that may read all that programs may, of the office of all these people."""
        ana = await self.counter.register(role=Role.ADMINISTRATOR)
        form = TokenForm(name="Tablero", scopes=tuple(Scope), office_codes=(OFFICE,))
        made = await create_service_token(self.counter.tools, ana, form, client_key=uuid4())
        return Api(self.stranger.http, made.token)

    async def forgive(self) -> None:
        """Forget how often somebody tried to sign in: it is one machine that does all this."""
        await self._owner.execute("DELETE FROM throttles")

    async def thing(self, make: Maker, person: Person, relation: int, *, is_spent: bool) -> Thing:
        """Return a thing that stands so to a person; one that will not be the same after stays nobody else's."""
        key = (make, person.name if relation == OWN else "", relation)
        if is_spent or key not in self._things:
            self._last_state = None
            made = await make(self, person, relation)
            if is_spent:
                return made
            self._things[key] = made
        return self._things[key]

    async def state_before(self) -> dict[str, Any]:
        """Return the last state if nothing was made since, so that what came in between is looked at too."""
        return self._last_state or await self.state()

    async def state(self) -> dict[str, Any]:
        """Return a digest of every table, and all files that are on their way in."""
        tables = {
            row["name"]: row["digest"] for row in await self._owner.fetch(self._digest_query, list(UNCOUNTED_COLUMNS))
        }
        files = {path.name: path.stat().st_size for path in self._folder.rglob("*") if path.is_file()}
        self._last_state = {**tables, "staged": files}
        return self._last_state


def digest_of(table: asyncpg.Record) -> str:
    """Return the query for the digest of one table."""
    digest = BY_VALUE if table["is_by_value"] or table["relname"] in WRITTEN_ALIKE else BY_WRITER
    condition = "chain IS DISTINCT FROM 'reads'" if table["has_chains"] else "true"
    return DIGEST.format(table=table["relname"], digest=digest, condition=condition)


async def owner_of(database: Database) -> asyncpg.Connection:
    """Connect as who sees every table."""
    return await asyncpg.connect(database.owner_url)
