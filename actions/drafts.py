"""Drafts: what a person has filled in so far, kept at the counter until it is filed, discarded or too old."""

from __future__ import annotations

import uuid
from dataclasses import asdict, fields
from functools import partial
from typing import TYPE_CHECKING, Any

from actions.client_keys import claim
from actions.counter_policy import policy_of
from actions.filing_forms import FilingForm
from actions.transaction import tx
from actions.uploads import UPLOAD_LIFE, NoSuchUpload
from models.drafts import Draft
from models.files import Upload
from models.people import User
from rules.catalogue import DocumentKind
from rules.choices import check_choices
from rules.refusals import Checks, Conflict, InvalidInput, NotFound, TooManyRequests
from rules.words import clean_text

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from actions.tools import Tools
    from reading.access import Viewer

MOST_FILES = 6
LONGEST_TEXT = 500
"""Longer than any field of a filing: what is too long is kept, and told by the review."""

BATCH = 100


class NoSuchDraft(NotFound):
    """There is no such draft of theirs."""

    code = "DRAFT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("Ese borrador no existe o ya venció. Empiece uno nuevo.", path=("id",))


class DraftChanged(Conflict):
    """The draft was saved from elsewhere meanwhile."""

    code = "DRAFT_CHANGED"

    def __init__(self) -> None:
        super().__init__(
            "El borrador se guardó desde otra ventana. Vuelva a abrirlo para ver lo último y continúe desde ahí.",
            path=("version",),
        )


class TooManyDrafts(TooManyRequests):
    """A person has as many drafts as may be."""

    code = "TOO_MANY_DRAFTS"

    def __init__(self, most: int) -> None:
        super().__init__(f"Tiene {most} borradores o más, y ya no puede empezar otro. Envíe o descarte alguno primero.")


async def save_draft(
    tools: Tools,
    viewer: Viewer,
    form: FilingForm,
    *,
    draft_id: UUID | None,
    version: int | None,
    client_key: UUID | None = None,
) -> Draft:
    """
    Save a form as far as it is filled in, anew or over version *version* of a draft.

    It lives as long from now as the policy says; what was saved before keeps what it was given.

    The uploads that it names live as long; those it names no longer, a day, or as long as another draft holds them.

    Raises:
        InvalidInput: a text is longer than anything that could be filed.
        NoSuchDraft, DraftChanged, TooManyDrafts, NoSuchUpload: what they say.
        KeyReused: the client key was used for something else.
    """
    now, checks, policy = tools.clock(), Checks(), await policy_of(tools)
    kept = _kept(form, checks)
    try:
        checks.refuse_any()
    except InvalidInput as refusal:
        raise refusal.at("form") from None
    new_id, asked = draft_id or uuid.uuid4(), {"act": "saveDraft", "id": draft_id, "version": version, "form": kept}
    async with tx() as connection:
        await User.filter(id=viewer.user_id).select_for_update(no_key=True).get()
        if earlier := await claim(connection, viewer, client_key, makes_id=new_id, at=now, asked=asked):
            return await _own(viewer, earlier, now)
        if draft_id is None:
            draft = await _new(viewer, new_id, now, most=policy.drafts_each)
        else:
            draft = await _next(viewer, draft_id, version, now)
        before = set(form_of(draft).named_ids()) if draft_id else set()
        draft.form, draft.saved_at, draft.expires_at = kept, now, now + policy.draft_life
        await draft.save(force_create=draft_id is None)
        await _keep_uploads(viewer, form, until=draft.expires_at, now=now)
        await _release(draft, before - set(form.named_ids()), now)
    return draft


async def _new(viewer: Viewer, draft_id: UUID, now: datetime, *, most: int) -> Draft:
    if await Draft.filter(owner_id=viewer.user_id, expires_at__gt=now).count() >= most:
        raise TooManyDrafts(most)
    return Draft(id=draft_id, owner_id=viewer.user_id, version=1)


async def _own(viewer: Viewer, draft_id: UUID, now: datetime) -> Draft:
    own = Draft.filter(owner_id=viewer.user_id, expires_at__gt=now)
    draft = await own.select_for_update().get_or_none(id=draft_id)
    if draft is None:
        raise NoSuchDraft
    return draft


async def _next(viewer: Viewer, draft_id: UUID, version: int | None, now: datetime) -> Draft:
    draft = await _own(viewer, draft_id, now)
    if version != draft.version:
        raise DraftChanged
    draft.version += 1
    return draft


def _kept(form: FilingForm, checks: Checks) -> dict[str, Any]:
    """Return the form as JSON; texts as one line of at most 500 characters."""
    values = {name: value for name, value in asdict(form).items() if value not in (None, (), "")}
    for name in ("client_key", "draft_id"):
        values.pop(name, None)
    for name, value in values.items():
        if name != "document_kind" and isinstance(value, str):
            values[name] = checks.take(
                _camel(name), lambda text: clean_text(text, max_length=LONGEST_TEXT, required=False), value
            )
    if "main_upload" in values:
        values["main_upload"] = str(values["main_upload"])
    annexes = checks.take("annexUploads", partial(check_choices, most=MOST_FILES), form.annex_uploads)
    values["annex_uploads"] = [str(id_) for id_ in annexes or ()]
    return values


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def form_of(draft: Draft) -> FilingForm:
    """Return the form that a draft holds."""
    names = {field.name for field in fields(FilingForm)}
    values = {name: value for name, value in draft.form.items() if name in names}
    if "document_kind" in values:
        values["document_kind"] = DocumentKind(values["document_kind"])
    if "main_upload" in values:
        values["main_upload"] = uuid.UUID(values["main_upload"])
    values["annex_uploads"] = tuple(uuid.UUID(id_) for id_ in values.get("annex_uploads", ()))
    return FilingForm(**values)


async def _keep_uploads(viewer: Viewer, form: FilingForm, *, until: datetime, now: datetime) -> None:
    named = form.named_uploads()
    own = Upload.filter(
        id__in=[each.id for each in named], owner_id=viewer.user_id, used_at__isnull=True, expires_at__gt=now
    )
    known = set(await own.values_list("id", flat=True))
    for each in named:
        if each.id not in known:
            raise NoSuchUpload().at("form", *each.path)
    await Upload.filter(id__in=list(known)).update(expires_at=until)


async def _release(draft: Draft, upload_ids: set[UUID], now: datetime) -> None:
    """Let uploads live a day without *draft*, or as long as another draft holds them; the person's row is locked."""
    others = await Draft.filter(owner_id=draft.owner_id, expires_at__gt=now).exclude(id=draft.id)
    for upload_id in sorted(upload_ids):
        held = [other.expires_at for other in others if upload_id in form_of(other).named_ids()]
        until = max([now + UPLOAD_LIFE, *held])
        await Upload.filter(id=upload_id, used_at__isnull=True).update(expires_at=until)


async def discard_draft(tools: Tools, viewer: Viewer, draft_id: UUID) -> None:
    """
    Discard a draft; its uploads live for another day, or as long as another draft holds them.

    Raises:
        NoSuchDraft: there is no such draft of theirs.
    """
    async with tx():
        await User.filter(id=viewer.user_id).select_for_update(no_key=True).get()
        draft = await Draft.filter(owner_id=viewer.user_id).select_for_update().get_or_none(id=draft_id)
        if draft is None:
            raise NoSuchDraft
        await _release(draft, set(form_of(draft).named_ids()), tools.clock())
        await draft.delete()


async def consume_draft(viewer: Viewer, draft_id: UUID) -> None:
    """
    Remove, within the transaction of its filing, a draft; one that is gone already is no reason not to file.

    Before its uploads are taken: whoever saves or discards a draft locks it first, then its uploads.
    """
    await Draft.filter(id=draft_id, owner_id=viewer.user_id).delete()


async def expire_drafts(tools: Tools) -> int:
    """Remove drafts that are too old, at most a hundred; return how many. Their uploads expire by themselves."""
    async with tx():
        old = await Draft.filter(expires_at__lte=tools.clock()).limit(BATCH).select_for_update(skip_locked=True)
        await Draft.filter(id__in=[draft.id for draft in old]).delete()
    return len(old)
