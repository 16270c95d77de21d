"""A counter with a few dozen trámites in every status, and viewers of every role."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg

from mesadepartes.multitude import multiply
from models.tramites import Tramite
from rules.access import Role
from tests.api import Api

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database

COUNT = 45

LIFE = """
UPDATE tramites SET applicant_id = (SELECT id FROM users WHERE identity_number = '70000001') WHERE ctid IN (
    SELECT ctid FROM tramites ORDER BY md5(id::text) LIMIT 14);
UPDATE tramites SET applicant_id = NULL, channel = 'EMAIL', sender_proof = 'UNPROVEN', contact_mobile = NULL
    WHERE ctid IN (SELECT ctid FROM tramites ORDER BY md5(id::text) DESC LIMIT 4);
UPDATE tramites SET owner_id = (SELECT id FROM users WHERE identity_number = '70000002') WHERE ctid IN (
    SELECT ctid FROM tramites ORDER BY md5(number) LIMIT 9);
UPDATE tramites SET organization_ruc = '20131312955', organization_name = 'Ñandú «S.A.»' WHERE ctid IN (
    SELECT ctid FROM tramites ORDER BY md5(subject || number) LIMIT 7);
UPDATE tramites SET missing = '["Falta el número de folios."]', observation_points = '["Uno", "Dos"]'
    WHERE ctid IN (SELECT ctid FROM tramites ORDER BY md5(lookup_key) LIMIT 7);
UPDATE tramites SET sent_at = (SELECT min(sent_at) FROM tramites) WHERE ctid IN (
    SELECT ctid FROM tramites ORDER BY md5(lookup_key || id) LIMIT 6);
UPDATE tramites SET status = 'VOIDED' WHERE ctid IN (SELECT ctid FROM tramites ORDER BY md5(number || id) LIMIT 3);
INSERT INTO attachments (id, tramite_id, version, role, position, name, content_id, size_bytes, awaits_text)
    SELECT gen_random_uuid(), a.tramite_id, v, CASE WHEN p > 100 THEN 'ANSWER' ELSE 'ANNEX' END, p,
        'anexo «' || p || '».pdf', a.content_id, a.size_bytes + p, true
    FROM attachments a, generate_series(1, 3) v, unnest(ARRAY[1, 2, 101]) p
    WHERE a.position = 0 AND right(a.tramite_id::text, 1) IN ('0', '3', '6', '9', 'c')
    AND (v + p + length(a.name)) % 3 <> 0;
UPDATE contents SET pages = 7, findings = '{ENCRYPTED}' WHERE ctid IN (SELECT ctid FROM contents LIMIT 1);
INSERT INTO notes (id, tramite_id, author_id, text, written_at)
    SELECT gen_random_uuid(), t.id, u.id, 'Nota ' || n, t.sent_at + n * interval '1 hour'
    FROM tramites t, generate_series(1, 4) n, users u
    WHERE right(t.id::text, 1) IN ('1', '4', '7', 'a') AND u.identity_number IN ('70000002', '70000003') AND n % 2 = 0
"""


@dataclass(frozen=True)
class World:
    """Who looks, by name, and what there is."""

    tokens: dict[str, str | None]
    numbers: list[str]


async def make_world(api: Api, counter: Counter, database: Database, superuser_url: str) -> World:
    """Return a counter with all that may be asked for."""
    people = {
        "applicant": await api.signed_in(counter, identity_number="70000001"),
        "clerk": await api.signed_in(counter, identity_number="70000002", role=Role.CLERK, office="SEDE-CENTRAL"),
        "supervisor": await api.signed_in(counter, identity_number="70000003", role=Role.SUPERVISOR, office="CUSCO"),
        "auditor": await api.signed_in(counter, identity_number="70000004", role=Role.AUDITOR),
        "administrator": await api.signed_in(counter, identity_number="70000005", role=Role.ADMINISTRATOR),
        "newcomer": await api.signed_in(counter, identity_number="70000006"),
        "half": await api.signed_in(
            counter, identity_number="70000007", role=Role.CLERK, office="CUSCO", has_second_factor=False
        ),
    }
    await multiply(counter.tools, database.owner_url, COUNT, chance=random.Random(5), told=lambda _: None)
    owner = await asyncpg.connect(superuser_url)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(LIFE)
    await owner.execute("ANALYZE")
    await owner.close()
    numbers = [tramite.number for tramite in await Tramite.all().order_by("id")]
    return World({**{name: person.token for name, person in people.items()}, "stranger": None}, numbers)
