"""File a trámite: a document of somebody who is signed in becomes part of the record."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from actions import client_keys, uploads
from actions.attachments import place_files, take_files
from actions.counter_policy import policy_of
from actions.drafts import consume_draft
from actions.filing_forms import check_form
from actions.recording import Claim
from actions.submission import submit, wake
from actions.transaction import database, tx
from models.people import User
from models.tramites import Tramite
from reading.policies import calendar_of, read_latest
from rules.refusals import Checks, NotAllowed, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from actions.filing_forms import FilingForm
    from actions.submission import Submission
    from actions.tools import Tools
    from actions.uploads import Taken
    from reading.access import Viewer
    from rules.file_rules import FileRules


class EmailNotVerified(NotAllowed):
    """The person may sign in, but not file before their address is proved."""

    code = "EMAIL_NOT_VERIFIED"

    def __init__(self) -> None:
        super().__init__(
            "Antes de presentar documentos confirme su correo: escriba el código que le enviamos, o pida uno nuevo. "
            "Si el correo está mal escrito, cámbielo en sus datos de contacto."
        )


@dataclass(frozen=True)
class Judged:
    """
    A filing that was judged: the hash of what is asked, and the document; without files if one has not arrived.

    `rules` are those for files that held when it was.
    """

    asked: bytes
    submission: Submission
    rules: FileRules


async def file_tramite(tools: Tools, viewer: Viewer, form: FilingForm) -> Tramite:
    """
    File a document from uploads that have arrived whole; answer with the recorded trámite.

    The same client key with the same content answers with the same trámite for 30 days, whatever happened to the
    first answer, and whether or not it would be taken now: a policy, an office or an address may have changed since.

    Raises:
        EmailNotVerified: the applicant's address is not proved yet.
        InvalidInput: for every field that does not hold what it must.
        KeyReused: the client key was used for another content.
        NoSuchUpload, UploadIncomplete: a file is not there, or not whole.
    """
    try:
        judged = await judge_filing(tools, viewer, form)
    except Refusal:
        if earlier := await _filed_before(tools, viewer, form):
            return earlier
        raise
    tramite = await record_filing(tools, viewer, form, judged)
    wake(tools)
    return tramite


async def _filed_before(tools: Tools, viewer: Viewer, form: FilingForm) -> Tramite | None:
    """Return what this very filing has made already; only a filing that is refused needs to ask."""
    assert form.client_key is not None, "whoever files has a key"
    arrived = await uploads.arrived(viewer, form.named_ids())
    asked = client_keys.request_hash(_canonical(form, arrived))
    made = await client_keys.made_before(viewer.user_id, form.client_key, asked=asked, now=tools.clock())
    return await Tramite.get(id=made) if made else None


async def judge_filing(tools: Tools, viewer: Viewer, form: FilingForm) -> Judged:
    """
    Judge what a person sends and read what it needs, before anything is locked.

    Raises:
        EmailNotVerified: the applicant's address is not proved yet.
        InvalidInput: for every field that does not hold what it must.
    """
    applicant = await User.get(id=viewer.user_id)
    if applicant.email_verified_at is None:
        raise EmailNotVerified
    latest = await read_latest()
    checks, named, policy = Checks(), form.named_uploads(), await policy_of(tools, latest=latest)
    rules = policy.files
    submission = await check_form(tools, applicant, form, checks, rules=rules)
    checks.refuse_any()
    assert submission is not None
    submission = replace(
        submission,
        correction_days=policy.correction_working_days,
        calendar=await calendar_of(submission.office, at=submission.sent_at, latest=latest),
        log_head=latest.log_head,
    )
    arrived = await uploads.arrived(viewer, [each.id for each in named])
    if all(each.id in arrived for each in named):
        submission = replace(submission, files=place_files([arrived[each.id] for each in named], named, rules=rules))
    return Judged(client_keys.request_hash(_canonical(form, arrived)), submission, rules)


async def record_filing(tools: Tools, viewer: Viewer, form: FilingForm, judged: Judged) -> Tramite:
    """
    Record what was judged, unless its client key has made a trámite before.

    All at once, which the first time nearly always succeeds; if not, step by step, which knows the earlier answer or
    tells what is wrong.

    Raises:
        KeyReused, NoSuchUpload, UploadIncomplete: as `file_tramite`.
    """
    submission = judged.submission
    assert form.client_key is not None, "whoever files has a key"
    claim = Claim(
        viewer.user_id,
        form.client_key,
        judged.asked,
        submission.tramite_id,
        submission.sent_at,
        tuple(form.named_ids()),
    )
    if submission.files and form.draft_id is None:
        try:
            return await submit(database(), tools, submission, beside=claim)
        except IntegrityError:
            pass
    return await _record_by_steps(tools, viewer, form, judged)


async def _record_by_steps(tools: Tools, viewer: Viewer, form: FilingForm, judged: Judged) -> Tramite:
    submission = judged.submission
    assert form.client_key is not None
    async with tx() as connection:
        earlier = await client_keys.claim_key(
            connection,
            user_id=viewer.user_id,
            key=form.client_key,
            asked=judged.asked,
            makes_id=submission.tramite_id,
            now=submission.sent_at,
        )
        if earlier is not None:
            return await Tramite.get(id=earlier)
        if form.draft_id is not None:
            await consume_draft(viewer, form.draft_id)
        taken = await take_files(connection, tools, viewer, form.named_uploads(), rules=judged.rules)
        return await submit(connection, tools, replace(submission, files=taken))


def _canonical(form: FilingForm, arrived: Mapping[UUID, Taken]) -> dict[str, object]:
    """Return what is asked: files by what they hold, for a client that tries again may have sent them again."""
    asked = asdict(form) | {"client_key": None, "main_upload": None, "annex_uploads": None, "draft_id": None}
    return {**asked, "files": uploads.contents_of(form.named_ids(), arrived)}
