"""How far the text of files has been taken out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from models.texts import ContentText
from rules.duties import Duty, has_duty
from rules.texts import TextProblem, TextState

if TYPE_CHECKING:
    from collections.abc import Collection

    from reading.access import Viewer

MOST_COUNTED = 1_000

PROGRESS = """
SELECT
    (SELECT count(*) FROM (
        SELECT FROM attachments WHERE awaits_text AND erased_at IS NULL LIMIT $1) a) AS unqueued,
    (SELECT count(*) FROM (SELECT FROM content_texts WHERE state = 'PENDING' LIMIT $1) p) AS pending,
    (SELECT count(*) FROM (SELECT FROM content_texts WHERE state = 'FAILED' LIMIT $1) f) AS failed,
    (SELECT count(*) FROM (
        SELECT FROM content_texts
        WHERE pages_without_text > 0 AND recognized_at IS NULL AND state IN ('DONE', 'NO_TEXT') LIMIT $1) r
    ) AS unrecognized
"""


TOLD = """
CASE WHEN {row}.erased_at IS NULL THEN (
    SELECT json_build_array(state, problem, pages_without_text, pages_recognized, is_cut)
    FROM content_texts WHERE content_id = {row}.content_id) END
"""
"""How far the text of the file in `{row}` is."""


@dataclass(frozen=True)
class TextView:
    """How far the text of a content is."""

    state: TextState
    problem: TextProblem | None = None
    pages_without_text: int = 0
    pages_recognized: int = 0
    is_cut: bool = False


UNREAD = TextView(TextState.PENDING)
"""What is so of a content of which nothing is known yet."""


def told(said: str | None) -> TextView:
    """Return what `TOLD` says of a file."""
    if said is None:
        return UNREAD
    state, problem, *rest = json.loads(said)
    return TextView(TextState(state), TextProblem(problem) if problem else None, *rest)


@dataclass(frozen=True)
class Progress:
    """Of how many contents, counted up to a thousand, the text waits to be taken out, or could not be."""

    waiting: int
    failed: int
    unrecognized: int


async def texts_of(sha256s: Collection[str]) -> dict[str, TextView]:
    """Return how far the text of those contents is that have been begun."""
    rows = await ContentText.filter(content_id__in=list(sha256s))
    return {
        row.content_id: TextView(row.state, row.problem, row.pages_without_text, row.pages_recognized, row.is_cut)
        for row in rows
    }


async def progress_for(viewer: Viewer) -> Progress | None:
    """Return how far the text of all files is; None for those whom it is not for."""
    if not has_duty(viewer.role, Duty.SEE_TEXTS):
        return None
    [row] = await get_connections().get("default").execute_query_dict(PROGRESS, [MOST_COUNTED])
    return Progress(min(row["unqueued"] + row["pending"], MOST_COUNTED), row["failed"], row["unrecognized"])
