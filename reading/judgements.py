"""What was found of contents, as their rows say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from models.files import Content
from rules.files import PagesProblem
from rules.verdicts import Finding, Judgement, Scan, in_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from models.files import Upload

SAID: Final = ("kind", "pages", "pages_problem", "findings", "scan", "signature")
"""The columns that say it."""


def judgement_of(content: Content) -> Judgement:
    """Return what was found of a content."""
    return judgement_from({column: getattr(content, column) for column in SAID})


def judgement_from(row: Mapping[str, Any]) -> Judgement:
    """Return what a row says; what came in before there was a sieve was not judged, though its pages may be known."""
    problem = PagesProblem(row["pages_problem"]) if row["pages_problem"] else None
    return Judgement(
        kind=row["kind"],
        pages=row["pages"],
        problem=problem,
        findings=_of_before(problem) if row["findings"] is None else in_order(map(Finding, row["findings"])),
        scan=Scan(row["scan"]) if row["scan"] else None,
        signature=row["signature"],
    )


async def judgements_of(uploads: Sequence[Upload]) -> dict[UUID, Judgement]:
    """Return what was found of those uploads that have arrived whole."""
    wanted = {upload.content_id for upload in uploads if upload.content_id}
    rows = await Content.filter(sha256__in=wanted) if wanted else []
    found = {row.sha256: judgement_of(row) for row in rows}
    return {upload.id: found[upload.content_id] for upload in uploads if upload.content_id in found}


def _of_before(problem: PagesProblem | None) -> tuple[Finding, ...]:
    known = [] if problem in (None, PagesProblem.NOT_COUNTED) else [Finding(problem)]
    return in_order([*known, Finding.NOT_JUDGED])
