"""What is known of contents goes into their rows: what was found out stays, and nothing is unlearnt by a failure."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from files.sieve.judge import VERSION
from rules.verdicts import Finding, Judgement, Scan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from files.store import StoredContent

FIRST_WAIT: Final = timedelta(minutes=1)
"""So long after what could not be judged, or scanned, came in, it is tried again."""

_TOLD: Final = {
    "sha256": "text",
    "size_bytes": "bigint",
    "pages": "int",
    "pages_problem": "text",
    "kind": "text",
    "findings": "text[]",
    "judged_version": "smallint",
    "judge_after": "timestamptz",
    "scan": "text",
    "signature": "text",
    "scanned_at": "timestamptz",
    "scan_after": "timestamptz",
}

_IS_COUNTED: Final = (
    "(excluded.pages IS NOT NULL OR excluded.pages_problem <> 'NOT_COUNTED'"
    " OR (known.pages IS NULL AND known.pages_problem IS NULL))"
)
_IS_JUDGED: Final = (
    "(excluded.findings IS NOT NULL AND (known.findings IS NULL OR NOT 'NOT_JUDGED' = ANY (excluded.findings)"
    " AND ('NOT_JUDGED' = ANY (known.findings) OR excluded.judged_version >= known.judged_version)))"
)
_IS_SCANNED: Final = (
    "(excluded.scan IS NOT NULL AND known.scan IS DISTINCT FROM 'INFECTED'"
    " AND (known.scan IS NULL OR excluded.scan <> 'PENDING'))"
)

_LEARNT: Final = (
    *((column, _IS_COUNTED) for column in ("pages", "pages_problem")),
    *((column, _IS_JUDGED) for column in ("kind", "findings", "judged_version", "judge_after", "judge_attempts")),
    *((column, _IS_SCANNED) for column in ("scan", "signature", "scanned_at", "scan_after", "scan_attempts")),
)

_IF_KNOWN: Final = ", ".join(
    [
        "stored_at = excluded.stored_at, abandoned_at = NULL, erased_at = NULL",
        *(
            f"{column} = CASE WHEN {is_better} THEN excluded.{column} ELSE known.{column} END"
            for column, is_better in _LEARNT
        ),
    ]
)


def insert_contents(told: str, *, at: str, after: str = "") -> str:
    """
    Return the statement that records contents, in the order in which their rows are locked.

    *told* is the parameter that has `told_of` them, *at* the one of the instant; *after* is what it waits for.
    """
    columns = ", ".join(f"{column} {kind}" for column, kind in _TOLD.items())
    return (
        f"INSERT INTO contents AS known (stored_at, {', '.join(_TOLD)})"  # noqa: S608 - our own words
        f" SELECT {at}::timestamptz, told.* FROM {after} jsonb_to_recordset({told}::jsonb) AS told ({columns})"
        f" ORDER BY told.sha256 ON CONFLICT (sha256) DO UPDATE SET {_IF_KNOWN}"
    )


def told_of(contents: Iterable[tuple[StoredContent, Judgement | None]], *, at: datetime) -> str:
    """Return contents, each once, with what is known best of it; None for what nobody handed in."""
    best: dict[str, tuple[StoredContent, Judgement | None]] = {}
    for content, judgement in contents:
        before = best.get(content.sha256)
        if before is None or _rank(judgement) > _rank(before[1]):
            best[content.sha256] = content, judgement
    return json.dumps([_row(content, judgement, at) for content, judgement in best.values()])


def _rank(judgement: Judgement | None) -> int:
    """Say how much is known: nothing, that it could not be judged, or what it is."""
    if judgement is None:
        return 0
    return 1 if Finding.NOT_JUDGED in judgement.findings else 2


def _row(content: StoredContent, judgement: Judgement | None, at: datetime) -> dict[str, Any]:
    row = {"sha256": content.sha256, "size_bytes": content.size_bytes, "judged_version": VERSION}
    if judgement is None:
        return row
    row |= judged_columns(judgement) | {"scan": judgement.scan, "signature": judgement.signature}
    if Finding.NOT_JUDGED in judgement.findings:
        row["judge_after"] = (at + FIRST_WAIT).isoformat()
    if judgement.scan is Scan.PENDING:
        row["scan_after"] = (at + FIRST_WAIT).isoformat()
    elif judgement.scan is not None:
        row["scanned_at"] = at.isoformat()
    return row


def judged_columns(judgement: Judgement) -> dict[str, Any]:
    """Return what the sieve found, by the columns of a content."""
    return {
        "pages": judgement.pages,
        "pages_problem": judgement.problem,
        "kind": judgement.kind,
        "findings": list(judgement.findings),
    }
