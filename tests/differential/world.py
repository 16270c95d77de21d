"""A counter with a few dozen trámites in every status, and viewers of every role."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from mesadepartes.multitude import multiply
from models.tramites import Tramite
from rules.access import Role
from tests.api import Api
from tests.differential.documents import ODD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    WHERE right(t.id::text, 1) IN ('1', '4', '7', 'a') AND u.identity_number IN ('70000002', '70000003') AND n % 2 = 0;
INSERT INTO content_texts (id, content_id, state, problem, pages_without_text, pages_recognized, is_cut, try_after,
    done_at)
    SELECT gen_random_uuid(), sha256, CASE WHEN n % 3 = 0 THEN 'PENDING' ELSE 'DONE' END, NULL, 2 + n % 3, n % 2,
        n % 5 = 0, now(), CASE WHEN n % 3 <> 0 THEN now() END
    FROM (SELECT sha256, row_number() OVER (ORDER BY sha256) AS n FROM contents) c WHERE n % 4 <> 0;
INSERT INTO hours_changes (id, version_id, office_id, from_on, opens_at, closes_at)
    SELECT gen_random_uuid(), v.id, o.id, '2026-01-01'::date + n * 40,
        '09:00:00+00'::timetz + n * interval '10 minutes',
        '17:00:00+00'
    FROM calendar_versions v, offices o, generate_series(0, 2) n WHERE o.code IN ('CUSCO', 'SEDE-CENTRAL');
"""
DESK = """
INSERT INTO tasks (id, kind, tramite_id, user_id, detail, opened_at, done_at, note)
    SELECT gen_random_uuid(), 'RECEIPT_UNDELIVERED', t.id, CASE WHEN t.folios % 2 = 0 THEN t.applicant_id END,
        jsonb_build_object('number', t.number), date_trunc('day', t.sent_at),
        CASE WHEN right(t.id::text, 1) = '3' THEN now() END, CASE WHEN right(t.id::text, 1) = '3' THEN 'Listo' END
    FROM tramites t WHERE right(t.id::text, 1) IN ('0', '2', '3', '5', '8', 'b', 'e');
INSERT INTO tasks (id, kind, user_id, detail, opened_at)
    SELECT gen_random_uuid(), 'ADDRESS_BOUNCED', id, '{}', created_at FROM users;
INSERT INTO mailboxes (id, account, folder, office_id, name, epoch, backlog, is_listening, leased_until,
    uidvalidity)
    SELECT gen_random_uuid(), lower(o.code) || '@example.pe', f, o.id, CASE WHEN f = 'INBOX' THEN 'Buzón' END, 1, 3,
        true,
        CASE WHEN f = 'INBOX' THEN now() + interval '1 day' END, CASE WHEN f = 'INBOX' THEN 77 END
    FROM offices o, unnest(ARRAY['INBOX', 'Otros']) f WHERE o.code IN ('CUSCO', 'SEDE-CENTRAL');
INSERT INTO mail_items (id, account, mailbox_id, content_key, original_id, received_at, recorded_at, outcome, reason,
    suppression, tramite_id, hint_id)
    SELECT gen_random_uuid(), b.account, b.id, md5(b.id::text || n) || md5(n::text),
        (SELECT sha256 FROM contents ORDER BY sha256 LIMIT 1),
        '2026-03-01'::timestamptz + n * interval '5 hours', '2026-03-03'::timestamptz + n * interval '5 hours',
        (ARRAY['QUARANTINED', 'FILED', 'REJECTED', 'BOUNCE'])[1 + n % 4],
        CASE WHEN n % 4 = 0 THEN 'TWO_CONTENT_TYPES' END, 'NOT_FILED',
        CASE WHEN n % 4 = 1 THEN (SELECT id FROM tramites ORDER BY md5(id::text || n) LIMIT 1) END,
        CASE WHEN n % 4 = 2 THEN (SELECT id FROM tramites ORDER BY md5(number || n) LIMIT 1) END
    FROM mailboxes b, generate_series(0, 8) n;
INSERT INTO mail_slots (id, mailbox_id, uidvalidity, uid, item_id, duplicate, attempts)
    SELECT gen_random_uuid(), mailbox_id, 77, row_number() OVER (ORDER BY id, n), id, n > 1, 1
    FROM mail_items, generate_series(1, 2) n WHERE right(content_key, 1) < '9';
INSERT INTO mail_decisions (id, item_id, kind, made_by_id, made_at, text)
    SELECT gen_random_uuid(), m.id, 'ANSWERED', u.id, m.recorded_at + n * interval '1 hour', 'Gracias'
    FROM mail_items m, users u, generate_series(1, 2) n
    WHERE u.identity_number = '70000003' AND right(m.content_key, 1) > '7';
INSERT INTO templates (id, kind, version, title, text, office_id, retired_at)
    SELECT gen_random_uuid(), (ARRAY['ANSWER', 'REFERRAL'])[1 + n % 2], n, 'Plantilla «' || n % 3 || '»', 'Texto ' || n,
        CASE WHEN n % 3 = 1 THEN o.id END, CASE WHEN n = 5 THEN now() END
    FROM offices o, generate_series(1, 6) n WHERE o.code IN ('CUSCO', 'SEDE-CENTRAL');
INSERT INTO template_versions (id, template_id, version, title, text, saved_at, saved_by_id)
    SELECT gen_random_uuid(), t.id, n, t.title, 'Texto ' || n, now(), u.id
    FROM templates t, generate_series(1, 6) n, users u WHERE n <= t.version AND u.identity_number = '70000003';
"""
"""What the desk's lists show."""


PLACES = """query($order: TramiteOrder) {
    tramites(order: $order, last: 6) { edges { cursor } } inbox { edges { cursor } }
    tasks(first: 9) { edges { cursor } } mails(first: 9) { edges { cursor } } staff(first: 9) { edges { cursor } }
    templates(first: 9) { edges { cursor } } }"""
ORDERS = (
    "SENT_LATEST_FIRST", "SENT_LATEST_FIRST", "SENT_EARLIEST_FIRST", "FILED_LATEST_FIRST", "DEADLINE_SOONEST_FIRST",
)  # fmt: skip
SIZES = [*(1, 2, 3, 4, 5, 7) * 3, 20, 100]
NOBODYS = "2f1c1f0e-6b1e-4b0e-9c50-0d2a3f6a7b81"
DAYS = ("sentFrom", "sentTo", "filedFrom", "filedTo", "dueFrom", "dueTo")
OFTEN = {"applicant": 4, "clerk": 5, "supervisor": 5, "auditor": 4, "administrator": 3}
"""How often who looks is not somebody who is shown less."""


@dataclass(frozen=True)
class World:
    """Who looks, by name, and what may be asked for, by names of arguments."""

    tokens: dict[str, str | None]
    values: dict[str, Sequence[Any]]

    @property
    def viewers(self) -> list[str]:
        """Who looks, each so often as is worth while."""
        return [who for who in self.tokens for _ in range(OFTEN.get(who, 1))]


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
    await owner.execute(DESK)
    await owner.execute("ANALYZE")
    await owner.close()
    tokens = {name: person.token for name, person in people.items()}
    return World({**tokens, **await _programs(people["administrator"]), "stranger": None}, await _values(people))


async def _programs(administrator: Api) -> dict[str, str | None]:
    """Return service tokens: one that reads all, one that reads little, and one that there is not."""

    async def made(**wish: Any) -> str:
        return (await administrator.mutate("createServiceToken", "token", name="Tablero", **wish))["token"]

    return {
        "program": await made(scopes=["STATUS", "PEOPLE", "REPORTS"], allOffices=True),
        "small program": await made(scopes=["STATUS"], officeCodes=["CUSCO"]),
        "false program": f"mps_{'0' * 49}",
    }


async def _values(people: Mapping[str, Api]) -> dict[str, Sequence[Any]]:
    """Return what arguments may be: mostly what there is, also what there is not, and what is no such thing."""
    numbers = [tramite.number for tramite in await Tramite.all().order_by("id")]
    searches = [await _search(people[who], **wanted) for who, wanted in SEARCHES]
    mailboxes = (await people["supervisor"].data("{ mailboxes { id } }"))["mailboxes"]
    return {
        **await _cursors(people),
        "first": [*SIZES, 0, 101, -1],
        "last": [*SIZES, 0, 101],
        "number": [*numbers, numbers[0].lower().replace("-", ""), "MPD-2026", ODD],
        "savedSearch": [*searches * 3, NOBODYS, None, None, None],
        "code": ["SEDE-CENTRAL", "CUSCO", ODD.upper()],
        "mailboxId": [*(mailbox["id"] for mailbox in mailboxes), NOBODYS, ODD],
        "day": ["2026-03-02", "2026-03-09", "2026-02-30"],
        "officeCode": ["SEDE-CENTRAL", "CUSCO", "SEDE-CENTRAL", "CUSCO", ODD.upper(), ""],
        "officeCodes": ["SEDE-CENTRAL", "CUSCO", ODD.upper()],
        "organizationRuc": ["20131312955", "20131312956"],
        "text": ["copia", "solicito expe", "ñandú", "''"],
        "name": ["quispe", "maría"],
        "inFiles": ["made"],
        "identityNumber": ["70000001", "80000001", "x"],
        **{name: ["2025-01-01", "2026-03-09", "2026-02-30"] for name in DAYS},
    }


SEARCHES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("clerk", {"filter": {"text": "copia"}}),
    ("supervisor", {"filter": {"statuses": ["PENDING", "OBSERVED"]}, "order": "DUE_SOONEST_FIRST"}),
    ("auditor", {"filter": {"channel": "WEB"}, "order": "FILED_LATEST_FIRST"}),
    ("applicant", {"filter": {}}),
)


async def _search(person: Api, **wanted: Any) -> str:
    return (await person.mutate("saveSearch", "savedSearch { id }", name="Lo mío", **wanted))["savedSearch"]["id"]


async def _cursors(people: Mapping[str, Api]) -> dict[str, list[str]]:
    """Return places in each list, by the list and the argument; and all of them, which are no places in others."""
    found = dict[str, list[str]]()
    for person in people.values():
        for order in ORDERS:
            answer = await person.answer(PLACES, order=order)
            for name, page in (answer.get("data") or {}).items():
                found.setdefault(name, []).extend(edge["cursor"] for edge in page["edges"][::2])
    every = [cursor for cursors in found.values() for cursor in cursors]
    places = {f"{name}.{argument}": cursors for name, cursors in found.items() for argument in ("after", "before")}
    return {**places, "after": [*every, "", ODD], "before": [*every, ODD]}
