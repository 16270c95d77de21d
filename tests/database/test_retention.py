"""What is past its time is told first, then erased, and no more than was told; its digests stay."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import pytest

from actions import retention as actions
from actions.contents import record_content
from actions.erasing import erase_batch, erase_overdue
from actions.erasures import ERASURES
from actions.mail import open_mailbox
from actions.tasks import open_task
from actions.transaction import tx
from models.bounces import BouncedAddress
from models.files import Content
from models.mail import MailItem
from models.people import ClientKey, User
from models.receipts import Notice, Receipt
from models.register import Entry, EntryText
from models.requests import IdentityClaim, RecoveryRequest
from models.tasks import Task
from models.tramites import Attachment, Tramite
from reading.overdue import OVERDUE
from reading.retention import retention_now
from rules.access import Role
from rules.claims import is_vacated
from rules.duties import NotYourDuty
from rules.kept_kinds import RetentionKind as Kind
from rules.mail import MailOutcome, SuppressionReason
from rules.receipts import ReceiptFacts
from rules.register import Act
from rules.retention import GONE
from rules.tasks import TaskKind
from tests.api import Api
from tests.commands import all_said
from tests.counter import PDF
from tests.retention import (
    clerk_of,
    columns,
    counts,
    erase_all,
    resolved,
    voided,
    whole_tables,
    years_later,
)
from tests.seals import seal_environ

if TYPE_CHECKING:
    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database

ROOT = Path(__file__).parents[2]
PREVIEW = "{ retentionPreview { kind days count heldCount examples before } }"
PERIODS = "{ retention { version isApplied periods { kind days leastDays } } }"
OPEN_TASK = """
INSERT INTO tasks (id, kind, tramite_id, detail, opened_at)
VALUES (gen_random_uuid(), 'RECEIPT_UNDELIVERED', $1, '{}', $2)
"""
VERSIONS = "{ retentionVersions { version isApplied periods { kind days } } }"


async def some_of_each(counter: Counter) -> tuple[Viewer, Tramite, Tramite, Tramite]:
    """File three documents, of which one is answered and one withdrawn; all mails are sent."""
    maria, clerk = await counter.register(), await clerk_of(counter)
    answered = await resolved(counter, clerk, maria)
    undone, under_way = await voided(counter, maria), await counter.file(maria)
    await counter.deliver()
    return maria, answered, undone, under_way


async def test_a_preview_tells_what_is_past_its_time_and_changes_nothing(
    counter: Counter, database: Database, api: Api
) -> None:
    _, answered, undone, _ = await some_of_each(counter)
    years_later(counter, 11)
    administrator = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    before = await whole_tables(database)

    told = {row["kind"]: row for row in (await administrator.data(PREVIEW))["retentionPreview"]}

    assert await whole_tables(database) == before
    assert (told["RESOLVED_FILES"]["count"], told["RESOLVED_FILES"]["examples"]) == (1, [answered.number])
    assert (told["UNDONE_FILES"]["count"], told["UNDONE_FILES"]["examples"]) == (1, [undone.number])
    assert "RESOLVED_TRAMITES" not in told
    assert (told["CLIENT_KEYS"]["count"], told["USED_UPLOADS"]["count"]) == (3, 3)


async def test_what_is_erased_is_what_was_told_and_doing_it_again_erases_nothing(
    counter: Counter, database: Database
) -> None:
    await some_of_each(counter)
    years_later(counter, 11)
    told = await counts(counter)

    done = await erase_all(counter)

    assert done == told
    assert sum(told.values()) > 0
    once = await whole_tables(database)
    assert set((await counts(counter)).values()) == {0}
    assert set((await erase_batch(counter.tools, await retention_now())).values()) == {0}
    assert await whole_tables(database) == once


async def test_bytes_go_and_digests_stay_and_a_download_says_so(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    answered = await resolved(counter, await clerk_of(counter), maria.viewer)
    kept = await counter.file(maria.viewer)
    file, other = await Attachment.get(tramite_id=answered.id), await Attachment.get(tramite_id=kept.id)
    years_later(counter, 11)
    maria = await api.signed_in_again(counter, maria)

    await erase_all(counter)

    gone, there = [await fetched(maria, f"files/{each.id}") for each in (file, other)]
    assert (gone.status_code, gone.json()["code"]) == (410, "FILE_NO_LONGER_KEPT")
    assert there.status_code == 200
    assert await columns(Attachment, file.id, "content_id", "size_bytes") == (file.content_id, file.size_bytes)
    assert not await counter.tools.store.exists(file.content_id)
    content = await Content.get(sha256=file.content_id)
    assert content.erased_at == counter.clock()
    shown = await maria.data(
        "query($n: String!) { tramite(number: $n) { attachments { sha256 erasedAt } } }", n=answered.number
    )
    [told] = shown["tramite"]["attachments"]
    assert (told["sha256"], told["erasedAt"] is not None) == (file.content_id, True)


async def fetched(api: Api, path: str) -> Any:
    return await api.http.get(f"/{path}", headers={"authorization": f"Bearer {api.token}"})


async def test_bytes_that_somebody_else_needs_stay_until_they_are_past_their_time_too(counter: Counter) -> None:
    maria, jose, clerk = await counter.register(), await counter.register(), await clerk_of(counter)
    data = PDF + b"the same for both"
    await resolved(counter, clerk, maria, main_upload=(await counter.upload(maria, data=data)).id)
    years_later(counter, 6)
    await resolved(counter, clerk, jose, main_upload=(await counter.upload(jose, data=data)).id)
    sha256 = hashlib.sha256(data).hexdigest()

    seen: list[tuple[bool, int]] = []
    for years in (5, 6):
        years_later(counter, years)
        await erase_all(counter)
        erased = await Attachment.filter(content_id=sha256, erased_at__isnull=False).count()
        seen.append((await counter.tools.store.exists(sha256), erased))

    assert seen == [(True, 1), (False, 2)]


async def test_bytes_that_were_erased_and_come_again_are_there_for_whoever_sent_them(counter: Counter) -> None:
    maria, clerk = await counter.register(), await clerk_of(counter)
    data = PDF + b"again"
    await resolved(counter, clerk, maria, main_upload=(await counter.upload(maria, data=data)).id)
    years_later(counter, 11)
    await erase_all(counter)

    again = await counter.file(maria, main_upload=(await counter.upload(maria, data=data)).id)

    content = await Content.get(sha256=hashlib.sha256(data).hexdigest())
    assert content.erased_at is None
    assert await counter.tools.store.exists(content.sha256)
    assert (await Attachment.get(tramite_id=again.id)).erased_at is None
    assert set((await counts(counter)).values()) == {0}


async def test_what_a_tramite_told_of_people_goes_only_when_a_period_is_set(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    answered = await resolved(counter, await clerk_of(counter), maria.viewer)
    administrator = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    receipt = await Receipt.get(tramite_id=answered.id, kind="SUBMISSION")
    facts = ReceiptFacts.from_json(receipt.facts)
    years_later(counter, 13)
    administrator, maria = [await api.signed_in_again(counter, each) for each in (administrator, maria)]
    await erase_all(counter)
    assert (await Tramite.get(id=answered.id)).sender_name == answered.sender_name
    await actions.set_period(counter.tools, administrator.viewer, Kind.RESOLVED_TRAMITES, days=12 * 365)

    done = await erase_all(counter)

    assert done[Kind.RESOLVED_TRAMITES] == 1
    named = ("number", "status", "sender_name", "contact_email", "subject", "resolution", "erased_at")
    assert await columns(Tramite, answered.id, *named) == (
        answered.number,
        answered.status,
        GONE,
        None,
        GONE,
        GONE,
        counter.clock(),
    )
    after = await Receipt.get(id=receipt.id)
    left = ReceiptFacts.from_json(after.facts)
    assert after.facts_sha256 == hashlib.sha256(facts.to_bytes()).hexdigest()
    assert [file.sha256 for file in left.files] == [file.sha256 for file in facts.files]
    assert (left.applicant, left.identity_number, left.email, left.number) == (GONE, None, None, facts.number)
    assert (await Attachment.get(tramite_id=answered.id)).name == "archivo-1-0.pdf"
    refused = await fetched(maria, f"receipts/{receipt.id}")
    assert (refused.status_code, refused.json()["code"]) == (410, "RECEIPT_NO_LONGER_KEPT")
    page = await api.http.get(f"/verificar/{receipt.verification_code}")
    assert (page.status_code, answered.number in page.text) == (200, True)


async def test_what_was_written_in_acts_is_erased_where_it_is_kept_apart(counter: Counter) -> None:
    maria, clerk = await counter.register(), await clerk_of(counter)
    answered = await resolved(counter, clerk, maria)
    acts = await Entry.filter(tramite_id=answered.id).values_list("sequence", flat=True)
    written = await EntryText.filter(sequence__in=acts).count()

    async with tx() as connection:
        await ERASURES[Kind.RESOLVED_TRAMITES](connection, counter.tools, [answered.id])

    left = await EntryText.filter(sequence__in=acts)
    assert written == len(left) > 0
    assert all((each.text, each.salt) == (None, None) and each.erased_at for each in left)


async def test_each_erasure_is_an_act_without_anything_of_people(counter: Counter) -> None:
    maria, answered, undone, _ = await some_of_each(counter)
    years_later(counter, 11)
    known = await Entry.all().count()

    done = await erase_all(counter)

    entries = await Entry.filter(sequence__gt=known).order_by("sequence")
    assert {entry.act for entry in entries} == {Act.ERASED}
    assert [entry.tramite_id for entry in entries[:2]] == [answered.id, undone.id]
    told = {entry.detail["kind"]: entry.detail["count"] for entry in entries if entry.tramite_id is None}
    assert told == {kind.value: count for kind, count in done.items() if count and not kind.value.endswith("_FILES")}
    assert not any(secret in entry.record for entry in entries for secret in ("@", "Ñaupari", "Solicito"))
    assert maria.user_id not in {entry.actor_id for entry in entries}


async def test_what_is_under_way_or_still_to_be_decided_is_held_back(counter: Counter) -> None:
    maria, jose, clerk = [await counter.register(), await counter.register(), await clerk_of(counter)]
    with_task = await resolved(counter, clerk, maria)
    with_claim = await resolved(counter, clerk, jose)
    await counter.file(maria)
    await counter.deliver()
    years_later(counter, 11)
    async with tx():
        await open_task(counter.tools, TaskKind.RECEIPT_UNDELIVERED, tramite=with_task)
    await claim_of(counter, jose.user_id)

    done = await erase_all(counter)

    assert done[Kind.RESOLVED_FILES] == 0
    assert await Attachment.filter(erased_at__isnull=False).count() == 0
    assert await Notice.filter(tramite_id__in=[with_task.id, with_claim.id], erased_at__isnull=False).count() == 0
    await Task.all().update(done_at=counter.clock(), note="Entregada.")
    assert (await erase_all(counter))[Kind.RESOLVED_FILES] == 1


async def claim_of(counter: Counter, user_id: UUID) -> None:
    await IdentityClaim.create(
        state="WAITING",
        identity_kind="DNI",
        identity_number="99999999",
        user_id=user_id,
        given_names="Ana",
        first_surname="Díaz",
        email="ana@example.pe",
        mobile="+51987654321",
        statement="Es mío.",
        reference_hash=b"x" * 32,
        claimed_at=counter.clock(),
    )


async def test_a_task_that_is_opened_meanwhile_holds_its_tramite_back(counter: Counter, database: Database) -> None:
    _, answered, _, _ = await some_of_each(counter)
    years_later(counter, 11)
    desk = await asyncpg.connect(database.owner_url)
    async with desk.transaction():
        await desk.execute(OPEN_TASK, answered.id, counter.clock())
        done = await erase_batch(counter.tools, await retention_now())
    await desk.close()
    again = await erase_batch(counter.tools, await retention_now())

    assert [each[Kind.RESOLVED_FILES] for each in (done, again)] == [0, 0]
    assert (await Attachment.get(tramite_id=answered.id)).erased_at is None


async def test_nothing_is_erased_by_itself_before_an_administrator_switches_it_on(counter: Counter, api: Api) -> None:
    await some_of_each(counter)
    administrator = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    years_later(counter, 11)
    administrator = await api.signed_in_again(counter, administrator)

    first = await erase_overdue(counter.tools)
    switched = await administrator.mutate("switchErasing", "retention { version isApplied }", isApplied=True)
    then = await erase_overdue(counter.tools)

    assert (first, switched["retention"]) == (0, {"version": 1, "isApplied": True})
    assert then > 0
    assert not await ClientKey.exists()


async def test_a_period_is_set_by_version_and_entry_and_the_same_again_changes_nothing(
    counter: Counter, api: Api
) -> None:
    administrator = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    given = {"kind": "NOTICES", "days": 400}

    for _ in range(2):
        answer = await administrator.mutate("setRetentionPeriod", "retention { version }", **given)
        assert answer["retention"]["version"] == 1

    entry = await Entry.all().order_by("-sequence").first()
    assert entry is not None
    assert (entry.act, entry.actor_id) == (Act.RETENTION_CHANGED, administrator.viewer.user_id)
    assert entry.detail == {"kind": "NOTICES", "days": 400, "before": 730, "policy": 1}
    assert (await administrator.data(VERSIONS))["retentionVersions"] == [
        {"version": 1, "isApplied": False, "periods": [{"kind": "NOTICES", "days": 400}]}
    ]


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"kind": "RESOLVED_FILES", "days": 1}, "PERIOD_NOT_ALLOWED", ["input", "days"]),
        ({"kind": "NOTICES", "days": None}, "PERIOD_NOT_ALLOWED", ["input", "days"]),
        ({"kind": "REGISTER", "days": 10}, "PERIOD_NOT_ALLOWED", ["input", "kind"]),
    ],
)
async def test_a_period_below_what_the_law_requires_changes_nothing(
    counter: Counter, database: Database, api: Api, given: dict[str, Any], code: str, path: list[str]
) -> None:
    administrator = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    before = await whole_tables(database)

    answer = await administrator.mutate("setRetentionPeriod", **given)

    assert (answer["code"], answer["path"]) == (code, path)
    assert await whole_tables(database) == before


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.CLERK, Role.SUPERVISOR, Role.AUDITOR])
async def test_who_does_not_manage_retention_changes_nothing(
    counter: Counter, database: Database, api: Api, role: Role
) -> None:
    somebody = await api.signed_in(counter, role=role, office="CUSCO" if role is Role.CLERK else None)
    before = await whole_tables(database)

    answers = [
        await somebody.mutate("setRetentionPeriod", kind="NOTICES", days=500),
        await somebody.mutate("switchErasing", isApplied=True),
    ]

    assert [answer["code"] for answer in answers] == [NotYourDuty.code] * 2
    assert await whole_tables(database) == before


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.CLERK, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_who_may_see_retention_sees_it_and_to_others_there_is_nothing(
    counter: Counter, api: Api, role: Role
) -> None:
    administrator = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    await administrator.mutate("setRetentionPeriod", kind="NOTICES", days=500)
    somebody = await api.signed_in(counter, role=role, office="CUSCO" if role is Role.CLERK else None)

    seen = [await somebody.data(each) for each in (PERIODS, VERSIONS, PREVIEW)]

    sees = role in (Role.AUDITOR, Role.ADMINISTRATOR)
    assert [bool(*each.values()) for each in seen] == [sees] * 3


async def test_two_who_set_periods_at_once_both_count(counter: Counter, api: Api) -> None:
    viewer = (await api.signed_in(counter, role=Role.ADMINISTRATOR)).viewer

    await asyncio.gather(
        actions.set_period(counter.tools, viewer, Kind.NOTICES, days=500),
        actions.set_period(counter.tools, viewer, Kind.CLAIMS, days=600),
    )

    now = await retention_now()
    assert (now.version, now.days) == (2, {"NOTICES": 500, "CLAIMS": 600})


async def test_who_saw_an_earlier_version_changes_nothing(counter: Counter, api: Api) -> None:
    administrator = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    await administrator.mutate("setRetentionPeriod", kind="NOTICES", days=500, expectedVersion=0)

    answers = [
        await administrator.mutate("setRetentionPeriod", kind="NOTICES", days=600, expectedVersion=0),
        await administrator.mutate("switchErasing", isApplied=True, expectedVersion=0),
    ]

    assert [answer["code"] for answer in answers] == ["VERSION_OUTDATED"] * 2
    now = await retention_now()
    assert (now.version, now.days, now.is_applied) == (1, {"NOTICES": 500}, False)


async def test_of_what_is_no_tramite_the_rows_stay_and_nothing_of_people_is_in_them(counter: Counter) -> None:
    maria = await counter.register()
    user = await User.get(id=maria.user_id)
    await counter.deliver()
    await claim_of(counter, maria.user_id)
    await IdentityClaim.all().update(
        state="KEPT", decided_at=counter.clock(), decided_by_id=maria.user_id, reason="No."
    )
    notice = await Notice.get(user_id=user.id)
    await recovery_of(counter, user, notice)
    await BouncedAddress.create(
        address=user.email, status="5.1.1", notice_id=notice.id, marked_at=counter.clock(), expires_at=counter.clock()
    )
    async with tx():
        await open_task(counter.tools, TaskKind.ADDRESS_BOUNCED, user=user)
    await Task.all().update(done_at=counter.clock(), note="Se le llamó.")
    years_later(counter, 3)

    done = await erase_all(counter)

    assert [done[kind] for kind in (Kind.NOTICES, Kind.TASKS, Kind.RECOVERIES, Kind.CLAIMS)] == [1] * 4
    assert done[Kind.BOUNCED_ADDRESSES] == 1
    assert await columns(Notice, notice.id, "address", "detail", "kind") == (None, {}, notice.kind)
    assert await Task.all().values_list("note", "kind") == [(GONE, TaskKind.ADDRESS_BOUNCED)]
    assert await RecoveryRequest.all().values_list("email", "mobile", "reason") == [(None, None, None)]
    [claim] = await IdentityClaim.all()
    assert (claim.full_name, claim.email, claim.mobile, claim.statement, claim.reason) == ("", "", "", "", None)
    assert is_vacated(claim.identity_number)
    assert not await BouncedAddress.exists()


async def recovery_of(counter: Counter, user: User, notice: Notice) -> None:
    await RecoveryRequest.create(
        state="STOPPED",
        user_id=user.id,
        email="otra@example.pe",
        mobile="+51911111111",
        stop_hash=b"s" * 32,
        reference_hash=b"r" * 32,
        notice_id=notice.id,
        asked_at=counter.clock(),
        settled_at=counter.clock(),
        reason="No era ella.",
    )


async def test_a_mail_that_became_no_tramite_loses_its_bytes_and_keeps_its_digest(counter: Counter) -> None:
    stored = await counter.tools.store.put_bytes(b"From: alguien@example.pe\r\n\r\nPublicidad")
    async with tx():
        await record_content(counter.tools, stored)
    mailbox = await open_mailbox(account="mesa", folder="INBOX", office_code="SEDE-CENTRAL")
    mail = await MailItem.create(
        account=mailbox.account,
        mailbox_id=mailbox.id,
        content_key="k" * 64,
        original_id=stored.sha256,
        received_at=counter.clock(),
        recorded_at=counter.clock(),
        outcome=MailOutcome.AUTOMATIC,
        suppression=SuppressionReason.NOT_FILED,
    )
    years_later(counter, 2)

    done = await erase_all(counter)

    assert done[Kind.MAILS] == 1
    assert await columns(MailItem, mail.id, "original_id", "erased_at") == (stored.sha256, counter.clock())
    assert not await counter.tools.store.exists(stored.sha256)


async def test_the_command_tells_first_and_then_erases(counter: Counter, database: Database, tmp_path: Path) -> None:
    maria = await counter.register()
    await counter.file(maria)
    await ClientKey.all().update(created_at=datetime(2020, 1, 1, tzinfo=UTC))

    said = [await call(database, tmp_path, *words) for words in ((), ("--dry-run",), ("--apply",), ("--dry-run",))]

    assert [code for code, _ in said] == [2, 0, 0, 0]
    assert "CLIENT_KEYS (over 60 days): 1:" in said[1][1]
    assert "CLIENT_KEYS: 1" in said[2][1]
    assert "CLIENT_KEYS (over 60 days): 0" in said[3][1]
    assert not await ClientKey.exists()


async def call(database: Database, folder: Path, *words: str) -> tuple[int, str]:
    environ = {
        "MESA_DATABASE_URL": database.web_url,
        "MESA_DATA": str(folder),
        "MESA_ENTITY_NAME": "Entidad",
        "MESA_MAIL_ADDRESS": "mesa@example.pe",
        "MESA_SECRET_KEY": "nobody guesses this secret of a test",
        "MESA_SECOND_FACTOR_KEYS": "nobody guesses this key of a test",
        **seal_environ(),
    }
    return await all_said("retention", *words, environ=environ)


MANY = """
INSERT INTO tramites (id, number, lookup_key, status, observed_before, channel, office_id, subject, sender_name,
    missing, sent_at, filed_on, filing_rule)
SELECT gen_random_uuid(), 'N' || n, 'K' || n, CASE WHEN n % 500 = 0 THEN 'RESOLVED' ELSE 'REFERRED' END, false, 'WEB',
    (SELECT id FROM offices LIMIT 1), 'Pedido', 'María', '[]', '2020-01-01'::date + n, '2020-01-01'::date + n, '{}'
FROM generate_series(1, 5000) n
"""


@pytest.mark.parametrize("kind", [Kind.RESOLVED_FILES, Kind.UNDONE_TRAMITES])
async def test_what_is_under_way_is_not_read_to_find_what_is_past_its_time(
    counter: Counter, database: Database, kind: Kind
) -> None:
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(MANY)
    await owner.execute("ANALYZE tramites")

    plan = "\n".join(row[0] for row in await owner.fetch(f"EXPLAIN {OVERDUE[kind].count()}", counter.clock()))

    await owner.close()
    assert "tramites_ended" in plan
    assert "Seq Scan on tramites" not in plan
