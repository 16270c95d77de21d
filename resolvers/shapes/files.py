"""Files and receipts as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.engine.shapes import Computed, Shape
from rules.files import PagesProblem
from schema.files import Attachment, Upload
from schema.receipts import Receipt

if TYPE_CHECKING:
    from models import files, receipts, tramites
    from resolvers.context import Scene


def _attachment_url(file: tramites.Attachment, scene: Scene) -> str:
    return scene.url("files", file.id)


def _sha256(file: tramites.Attachment, _scene: Scene) -> str:
    return file.content_id


def _pages(file: tramites.Attachment, _scene: Scene) -> int | None:
    return file.content.pages


def _pages_problem(file: tramites.Attachment, _scene: Scene) -> PagesProblem | None:
    return file.content.pages_problem


def _receipt_url(receipt: receipts.Receipt, scene: Scene) -> str:
    return scene.url("receipts", receipt.id)


def _receipt_sha256(receipt: receipts.Receipt, _scene: Scene) -> str | None:
    return receipt.content_id


ATTACHMENT = Shape(
    Attachment,
    columns=("id", "role", "position", "version", "name", "size_bytes", "erased_at"),
    computed={
        "sha256": Computed(("content_id",), _sha256),
        "url": Computed(("id",), _attachment_url),
        "pages": Computed(("content_id",), _pages),
        "pages_problem": Computed(("content_id",), _pages_problem),
    },
)
RECEIPT = Shape(
    Receipt,
    columns=("id", "kind", "version", "verification_code", "issued_at", "sealed_at", "log_index", "erased_at"),
    computed={"url": Computed(("id",), _receipt_url), "sha256": Computed(("content_id",), _receipt_sha256)},
)


def _upload_url(upload: files.Upload, scene: Scene) -> str:
    return scene.url("uploads", upload.id)


def _is_complete(upload: files.Upload, _scene: Scene) -> bool:
    return upload.content_id is not None


def _received_bytes(upload: files.Upload, scene: Scene) -> int:
    return upload.size_bytes if upload.content_id is not None else scene.received_bytes(upload.id)


UPLOAD = Shape(
    Upload,
    columns=("id", "name", "size_bytes", "expires_at"),
    computed={
        "url": Computed(("id",), _upload_url),
        "received_bytes": Computed(("id", "content_id", "size_bytes"), _received_bytes),
        "is_complete": Computed(("content_id",), _is_complete),
    },
)
