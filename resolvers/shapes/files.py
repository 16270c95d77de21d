"""Files and receipts as the API shows them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from models import receipts, tramites
from reading import texts as reading
from reading.drafts import WaitingUpload
from reading.judgements import SAID, judgement_of, judgements_of
from reading.policies import POLICY_NOW, NotAtHand
from resolvers.engine.shapes import Computed, Shape, Together
from rules.access import Role
from rules.files import PagesProblem
from rules.texts import explain_text
from rules.verdicts import Finding, Scan, findings_for, fitness_of, say_finding
from schema.files import Attachment, FileFinding, FileText, Upload
from schema.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from uuid import UUID

    from models import files
    from resolvers.context import Scene
    from rules.verdicts import Fitness, Judgement


def _attachment_url(file: tramites.Attachment, scene: Scene) -> str:
    return scene.url("files", file.id)


def _sha256(file: tramites.Attachment, _scene: Scene) -> str:
    return file.content_id


def _pages(file: tramites.Attachment, _scene: Scene) -> int | None:
    return file.content.pages


def _pages_problem(file: tramites.Attachment, _scene: Scene) -> PagesProblem | None:
    return file.content.pages_problem


def _kind(file: tramites.Attachment, _scene: Scene) -> str | None:
    return file.content.kind


def _findings(file: tramites.Attachment, _scene: Scene) -> list[FileFinding]:
    return said(findings_for(file.name, judgement_of(file.content)))


def said(findings: Iterable[Finding]) -> list[FileFinding]:
    """Return what was found with its sentences."""
    return [FileFinding(code=finding, message=say_finding(finding)) for finding in findings]


async def _fitness(files: Sequence[tramites.Attachment], scene: Scene) -> dict[UUID, Fitness]:
    refused = await scene.refused()
    return {file.id: fitness_of(findings_for(file.name, judgement_of(file.content)), refused) for file in files}


def _fitness_at_once(file: Any, scene: Scene) -> Fitness:
    return fitness_of(findings_for(file.name, judgement_of(file.content)), scene.refused_by(file.policy_id))


def _malware_name(file: tramites.Attachment, scene: Scene) -> str | None:
    is_shown = scene.viewer and scene.viewer.role is not Role.APPLICANT and file.content.scan is Scan.INFECTED
    return file.content.signature if is_shown else None


def _receipt_url(receipt: receipts.Receipt, scene: Scene) -> str:
    return scene.url("receipts", receipt.id)


def _receipt_sha256(receipt: receipts.Receipt, _scene: Scene) -> str | None:
    return receipt.content_id


async def _texts(files: Sequence[tramites.Attachment], _scene: Scene) -> dict[UUID, FileText | None]:
    kept = [file for file in files if file.erased_at is None]
    known = await reading.texts_of([file.content_id for file in kept]) if kept else {}
    nothing: dict[UUID, FileText | None] = dict.fromkeys([file.id for file in files])
    return nothing | {file.id: _text(known.get(file.content_id, reading.UNREAD)) for file in kept}


def _text_at_once(file: Any, _scene: Scene) -> FileText | None:
    return None if file.erased_at is not None else _text(reading.told(file.text))


def _text(text: reading.TextView) -> FileText:
    scanned = text.pages_without_text - text.pages_recognized
    return FileText(
        state=text.state,
        problem=text.problem,
        explanation=explain_text(text.state, text.problem, scanned_pages=scanned, is_cut=text.is_cut),
        pages_without_text=text.pages_without_text,
        pages_recognized=text.pages_recognized,
        is_cut=text.is_cut,
    )


_JUDGED = tuple(f"content.{column}" for column in SAID)

ATTACHMENT = Shape(
    Attachment,
    model=tramites.Attachment,
    columns=("id", "role", "position", "version", "name", "size_bytes", "erased_at"),
    computed={
        "sha256": Computed(("content_id",), _sha256, same_as="content_id"),
        "url": Computed(("id",), _attachment_url, sql="{public_url}::text || '/files/' || {row}.id"),
        "pages": Computed(("content.pages",), _pages, same_as="content.pages"),
        "pages_problem": Computed(("content.pages_problem",), _pages_problem, same_as="content.pages_problem"),
        "kind": Computed(("content.kind",), _kind, same_as="content.kind"),
        "findings": Computed(("name", *_JUDGED), _findings),
        "malware_name": Computed(("content.scan", "content.signature"), _malware_name),
    },
    together={
        "fitness": Together(
            ("name", "content_id"),
            _fitness,
            planned=Computed(("name", *_JUDGED), _fitness_at_once, facts={"policy_id": POLICY_NOW}),
        ),
        "text": Together(
            ("content_id", "erased_at"),
            _texts,
            planned=Computed(("erased_at",), _text_at_once, facts={"text": reading.TOLD}),
        ),
    },
)
RECEIPT = Shape(
    Receipt,
    model=receipts.Receipt,
    columns=("id", "kind", "version", "verification_code", "issued_at", "sealed_at", "log_index", "erased_at"),
    computed={
        "url": Computed(("id",), _receipt_url, sql="{public_url}::text || '/receipts/' || {row}.id"),
        "sha256": Computed(("content_id",), _receipt_sha256, same_as="content_id"),
    },
)


def _upload_url(upload: files.Upload, scene: Scene) -> str:
    return scene.url("uploads", upload.id)


def _is_complete(upload: files.Upload, _scene: Scene) -> bool:
    return upload.content_id is not None


def _received_bytes(upload: files.Upload, scene: Scene) -> int:
    return upload.size_bytes if upload.content_id is not None else scene.received_bytes(upload.id)


async def _judged(uploads: Sequence[files.Upload | WaitingUpload]) -> dict[UUID, Judgement]:
    """Return what was found of each that has arrived whole: as it was read along, or read now."""
    along = {each.id: each.judgement for each in uploads if isinstance(each, WaitingUpload) and each.judgement}
    return along | await judgements_of([each for each in uploads if not isinstance(each, WaitingUpload)])


async def _refused(uploads: Sequence[files.Upload | WaitingUpload], scene: Scene) -> Collection[Finding]:
    for each in uploads:
        if isinstance(each, WaitingUpload):
            with suppress(NotAtHand):
                return scene.refused_by(each.policy_id)
    return await scene.refused()


async def _upload_kinds(uploads: Sequence[files.Upload | WaitingUpload], _scene: Scene) -> dict[UUID, str | None]:
    found = await _judged(uploads)
    return {upload.id: found[upload.id].kind if upload.id in found else None for upload in uploads}


async def _upload_findings(
    uploads: Sequence[files.Upload | WaitingUpload], _scene: Scene
) -> dict[UUID, list[FileFinding]]:
    found = await _judged(uploads)
    return {
        upload.id: said(findings_for(upload.name, found[upload.id])) if upload.id in found else [] for upload in uploads
    }


async def _upload_fitness(uploads: Sequence[files.Upload | WaitingUpload], scene: Scene) -> dict[UUID, Fitness | None]:
    found, refused = await _judged(uploads), await _refused(uploads, scene)
    return {
        upload.id: fitness_of(findings_for(upload.name, found[upload.id]), refused) if upload.id in found else None
        for upload in uploads
    }


UPLOAD = Shape(
    Upload,
    columns=("id", "name", "size_bytes", "expires_at"),
    computed={
        "url": Computed(("id",), _upload_url),
        "received_bytes": Computed(("id", "content_id", "size_bytes"), _received_bytes),
        "is_complete": Computed(("content_id",), _is_complete),
    },
    together={
        "kind": Together(("content_id",), _upload_kinds),
        "findings": Together(("name", "content_id"), _upload_findings),
        "fitness": Together(("name", "content_id"), _upload_fitness),
    },
)
