"""What is kept about a person is told to that person, all of it, and to nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from actions import drafts
from actions.closures import close_due_accounts, request_closure
from actions.filing_forms import FilingForm
from actions.tasks import open_task
from actions.transaction import tx
from models.bounces import BouncedAddress
from models.people import Session, User
from models.receipts import Notice
from models.requests import IdentityClaim
from models.second_factors import RecoveryCode
from models.tasks import Task
from models.tramites import Attachment
from rules.access import Role
from rules.kept_kinds import KEPT, RetentionKind
from rules.tasks import TaskKind
from rules.throttling import Client
from tests.api import Api
from tests.counter import PASSWORD, SEED, give_second_factor
from tests.retention import clerk_of, resolved, voided, whole_tables

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database

REPORT = "{ personalData { madeAt url kinds { kind label purpose basis period erasure count } } }"
THINGS = """query($kind: RetentionKind!, $first: Int! = 20, $after: String) {
    keptThings(kind: $kind, first: $first, after: $after) {
        edges { cursor node { key at facts { name value } } }
        pageInfo { hasNextPage hasPreviousPage endCursor } } }"""


async def things(api: Api, kind: str) -> list[dict[str, str]]:
    """Return what is kept of a kind, as names and values."""
    edges = (await api.data(THINGS, kind=kind))["keptThings"]["edges"]
    return [{fact["name"]: fact["value"] for fact in edge["node"]["facts"]} for edge in edges]


async def tallied(api: Api) -> dict[str, int]:
    return {kind["kind"]: kind["count"] for kind in (await api.data(REPORT))["personalData"]["kinds"]}


async def download(api: Api) -> Any:
    headers = {"authorization": f"Bearer {api.token}"} if api.token else {}
    return await api.http.get("/personal-data", headers=headers)


async def with_something_of_each(counter: Counter, api: Api) -> Api:
    """Sign somebody in about whom there is something of nearly every kind."""
    maria = await api.signed_in(counter)
    clerk, viewer = await clerk_of(counter), maria.viewer
    user = await User.get(id=viewer.user_id)
    await resolved(counter, clerk, viewer)
    await voided(counter, viewer)
    filed = await counter.file(viewer)
    held = await counter.upload(viewer)
    form = FilingForm(subject="Solicito una copia", main_upload=held.id)
    await drafts.save_draft(counter.tools, viewer, form, draft_id=None, version=None)
    async with tx():
        await open_task(counter.tools, TaskKind.RECEIPT_UNDELIVERED, tramite=filed)
        await open_task(counter.tools, TaskKind.ADDRESS_BOUNCED, user=user)
    await Task.filter(user_id=user.id).update(done_at=counter.clock(), note="Se le llamó por teléfono.")
    await request_closure(counter.tools, viewer, PASSWORD, client=Client())
    await claim_against(counter, user)
    notice = await Notice.filter(user_id=user.id).first()
    assert notice is not None
    await BouncedAddress.create(
        address=user.email, status="5.1.1", notice_id=notice.id, marked_at=counter.clock(), expires_at=counter.clock()
    )
    return maria


async def claim_against(counter: Counter, user: User) -> None:
    await IdentityClaim.create(
        state="KEPT",
        identity_kind=user.identity_kind,
        identity_number=user.identity_number,
        user_id=user.id,
        given_names="Reclamante",
        first_surname="Ajeno",
        email="reclamante@example.pe",
        mobile="+51911111111",
        statement="Ese documento es mío.",
        reference_hash=b"x" * 32,
        claimed_at=counter.clock(),
        decided_at=counter.clock(),
        decided_by_id=user.id,
        reason="No mostró el documento.",
    )


async def test_every_kind_is_told_with_purpose_basis_and_period(counter: Counter, api: Api) -> None:
    maria = await with_something_of_each(counter, api)

    report = (await maria.data(REPORT))["personalData"]

    assert [kind["kind"] for kind in report["kinds"]] == [kind.value for kind in RetentionKind]
    assert all(kind[name] for kind in report["kinds"] for name in ("label", "purpose", "basis", "period", "erasure"))
    assert report["url"].endswith("/personal-data")
    assert {kind["kind"]: kind["count"] for kind in report["kinds"]} == {
        "ACCOUNT": 1,
        "SESSIONS": 1,
        "CODES": 0,
        "DRAFTS": 1,
        "UPLOADS": 1,
        "USED_UPLOADS": 3,
        "CLIENT_KEYS": 3,
        "OPEN_TRAMITES": 1,
        "RESOLVED_TRAMITES": 1,
        "UNDONE_TRAMITES": 1,
        "RESOLVED_FILES": 1,
        "UNDONE_FILES": 1,
        "RECEIPTS": 5,
        "NOTICES": 7,
        "TASKS": 2,
        "RECOVERIES": 0,
        "CLAIMS": 1,
        "MAILS": 0,
        "BOUNCED_ADDRESSES": 1,
        "CLOSURES": 1,
        "REGISTER": 7,
        "READS": 0,
        "SEARCHES": 0,
    }


async def test_a_tramite_is_told_with_its_files_and_their_digests(counter: Counter, api: Api) -> None:
    maria = await with_something_of_each(counter, api)

    [told] = await things(maria, "OPEN_TRAMITES")

    file = await Attachment.filter(tramite__number=told["Número de trámite"]).first()
    assert file is not None
    assert (told["Estado"], told["Asunto"]) == ("pendiente de validación", "Solicito copia de mi expediente")
    assert told["Archivo 1"] == f"solicitud.pdf, {file.size_bytes} bytes, SHA-256 {file.content_id}"


async def test_what_others_wrote_or_are_called_is_not_told(counter: Counter, api: Api) -> None:
    maria = await with_something_of_each(counter, api)

    body = (await download(maria)).text

    assert "de otra persona, sobre su documento" in body
    assert not [secret for secret in ("Reclamante", "reclamante@", "llamó por teléfono", "$argon2") if secret in body]
    acts = await things(maria, "REGISTER")
    assert {act["Cargo de quien lo hizo"] for act in acts} <= {"APPLICANT", "CLERK", "SYSTEM"}


async def test_nothing_of_somebody_else_is_told(counter: Counter, api: Api) -> None:
    maria = await with_something_of_each(counter, api)
    jose = await api.signed_in(counter)
    number = (await User.get(id=maria.viewer.user_id)).identity_number

    body, counted = (await download(jose)).text, await tallied(jose)

    assert number not in body
    assert {kind: count for kind, count in counted.items() if count} == {
        "ACCOUNT": 1,
        "SESSIONS": 1,
        "NOTICES": 1,
        "REGISTER": 1,
    }
    edges = (await maria.data(THINGS, kind="OPEN_TRAMITES"))["keptThings"]["edges"]
    stolen = await jose.data(THINGS, kind="OPEN_TRAMITES", after=edges[0]["cursor"])
    assert stolen["keptThings"]["edges"] == []


@pytest.mark.parametrize("role", [Role.CLERK, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR])
async def test_staff_are_told_their_own_data_and_their_acts_and_nothing_of_applicants(
    counter: Counter, api: Api, role: Role
) -> None:
    maria = await with_something_of_each(counter, api)
    staff = await api.signed_in(counter, role=role, office="SEDE-CENTRAL")

    body = (await download(staff)).text

    assert (await User.get(id=maria.viewer.user_id)).identity_number not in body
    [account] = await things(staff, "ACCOUNT")
    assert (account["Cargo"], account["Dependencias"]) == (role.value, "Sede Central")


async def test_a_clerk_is_told_what_they_did(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    answered = await resolved(counter, clerk.viewer, await counter.register())

    acts = await things(clerk, "REGISTER")

    assert (acts[0]["Acto"], acts[0]["Número de trámite"]) in {("RESOLVED", answered.number), ("REGISTERED", "")}
    assert "RESOLVED" in {act["Acto"] for act in acts}


async def test_a_second_factor_and_an_invitation_are_told_and_nothing_that_opens_anything(
    counter: Counter, api: Api
) -> None:
    ana, luis = await api.signed_in(counter, role=Role.ADMINISTRATOR), await api.signed_in(counter)
    user = await User.get(id=luis.viewer.user_id)
    await give_second_factor(counter.tools, user.id)
    await RecoveryCode.create(user=user, code_hash=b"x" * 32, made_at=counter.clock())
    await Session.filter(id=luis.viewer.session_id).update(second_factor_at=counter.clock())
    await ana.mutate("inviteStaff", email=user.email.upper(), role="AUDITOR", officeCodes=[])

    body, [account], [invited] = (await download(luis)).text, await things(luis, "ACCOUNT"), await things(luis, "CODES")
    await User.filter(id=user.id).update(email_verified_at=None)

    assert account["Verificación en dos pasos desde (la clave se guarda cifrada)"].startswith("09/03/2026 10:00:00")
    assert account["Códigos de respaldo (solo resúmenes que no permiten conocerlos)"] == "1"
    assert (invited["Correo"].lower(), invited["Cargo"]) == (user.email.lower(), "AUDITOR")
    assert not [each for each in (SEED, "secret", "code_hash", "seed") if each in body]
    assert await things(luis, "CODES") == [], "an address that nobody proved may be somebody else's"


async def test_nobody_signed_in_is_told_nothing(counter: Counter, api: Api) -> None:
    answers = [await api.answer(REPORT), await api.answer(THINGS, kind="ACCOUNT")]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["NOT_SIGNED_IN"] * 2
    assert (await download(api)).status_code == 401


async def test_all_pages_together_are_everything_once(counter: Counter, api: Api) -> None:
    maria = await with_something_of_each(counter, api)

    for kind in ("NOTICES", "REGISTER", "USED_UPLOADS"):
        found: list[str] = []
        after, more = None, True
        while more:
            page = (await maria.data(THINGS, kind=kind, first=2, after=after))["keptThings"]
            found += [edge["node"]["key"] for edge in page["edges"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert len(found) == len(set(found)) == (await tallied(maria))[kind]


async def test_a_page_is_bounded(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)

    answer = await maria.answer(THINGS, kind="ACCOUNT", first=101)

    assert answer["errors"][0]["extensions"]["code"] == "PAGE_SIZE"


async def test_the_file_holds_what_the_report_counts(counter: Counter, api: Api) -> None:
    maria = await with_something_of_each(counter, api)

    response = await download(maria)

    told = response.json()
    assert {kind["clase"]: len(kind["registros"]) for kind in told["datos"]} == await tallied(maria)
    assert [kind["finalidad"] for kind in told["datos"]] == [rule.purpose for rule in KEPT.values()]
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-disposition"].startswith('attachment; filename="mis-datos-2026-03-09.json"')


async def test_looking_changes_nothing(counter: Counter, database: Database, api: Api) -> None:
    maria = await with_something_of_each(counter, api)
    before = await whole_tables(database)

    await maria.data(REPORT)
    await download(maria)

    assert await whole_tables(database) == before


async def test_after_closing_who_registers_anew_is_told_nothing_of_before(counter: Counter, api: Api) -> None:
    form = counter.registration()
    maria = await counter.register(identity_number=form.identity_number)
    await request_closure(counter.tools, maria, PASSWORD, client=Client())
    counter.clock.advance(days=8)
    assert await close_due_accounts(counter.tools) == 1

    again = await api.signed_in(counter, identity_number=form.identity_number)

    assert sum((await tallied(again)).values()) == 4
