"""What administrators decide about filing (reglas de recepción): files, quotas, drafts, corrections; each from when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from rules.choices import check_choices
from rules.corrections import WORKING_DAYS
from rules.file_rules import FileRules
from rules.files import (
    FILE_KINDS,
    FIRST_ANNEX_MAX_BYTES,
    MAIN_MAX_BYTES,
    MAX_ANNEXES,
    MEGABYTE,
    OTHER_ANNEX_MAX_BYTES,
)
from rules.refusals import InvalidInput
from rules.verdicts import REFUSABLE, REFUSED_BY_DEFAULT, Finding, in_order

if TYPE_CHECKING:
    from datetime import datetime

    from rules.refusals import Checks

MOST_OF_ONE_FILING_MB: Final = 70
"""A main document, the first annex and four others: nobody can file with a quota below that."""

BOUNDS: Final[Mapping[str, range]] = {
    "main_max_mb": range(1, MAIN_MAX_BYTES // MEGABYTE + 1),
    "first_annex_max_mb": range(1, FIRST_ANNEX_MAX_BYTES // MEGABYTE + 1),
    "other_annex_max_mb": range(1, OTHER_ANNEX_MAX_BYTES // MEGABYTE + 1),
    "max_annexes": range(MAX_ANNEXES + 1),
    "uploads_each": range(1 + MAX_ANNEXES, 101),
    "drafts_each": range(1, 21),
    "draft_days": range(1, 91),
    "correction_working_days": range(WORKING_DAYS, 31),
}
"""The least is what the law or one filing needs; the most, what the counter is built for."""


class OutOfBounds(InvalidInput):
    """A number is less or more than may be decided."""

    code = "OUT_OF_BOUNDS"

    def __init__(self, allowed: range) -> None:
        super().__init__(f"Indique un número entero de {allowed.start} a {allowed.stop - 1}.")


class UnknownFileKind(InvalidInput):
    """The counter knows no files of that extension."""

    code = "FILE_KIND_UNKNOWN"

    def __init__(self) -> None:
        listed = ", ".join(FILE_KINDS)
        super().__init__(f"Ese tipo de archivo no existe aquí. Elija entre: {listed}.")


class NotRefusable(InvalidInput):
    """That a file could not be judged, or scanned, is no fault of it."""

    code = "FINDING_NOT_REFUSABLE"

    def __init__(self) -> None:
        super().__init__("Por eso no se puede rechazar un archivo: no es un defecto suyo. Quítelo de la lista.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPolicy:
    """All that is decided, as it holds at one instant."""

    annex_kinds: tuple[str, ...] = tuple(FILE_KINDS)
    refused_findings: tuple[Finding, ...] = in_order(REFUSED_BY_DEFAULT)
    main_max_mb: int = MAIN_MAX_BYTES // MEGABYTE
    first_annex_max_mb: int = FIRST_ANNEX_MAX_BYTES // MEGABYTE
    other_annex_max_mb: int = OTHER_ANNEX_MAX_BYTES // MEGABYTE
    max_annexes: int = MAX_ANNEXES
    uploads_each: int = 100
    unfiled_bytes_each: int = 500 * MEGABYTE
    drafts_each: int = 20
    draft_days: int = 30
    correction_working_days: int = WORKING_DAYS
    correction_keeps_date: bool = True

    @property
    def files(self) -> FileRules:
        """What is taken of files."""
        return FileRules(
            annex_kinds=self.annex_kinds,
            main_max_bytes=self.main_max_mb * MEGABYTE,
            first_annex_max_bytes=self.first_annex_max_mb * MEGABYTE,
            other_annex_max_bytes=self.other_annex_max_mb * MEGABYTE,
            max_annexes=self.max_annexes,
            refused_findings=frozenset(self.refused_findings),
        )

    @property
    def draft_life(self) -> timedelta:
        """How long a draft lives after it was saved."""
        return timedelta(days=self.draft_days)

    @property
    def unfiled_mb_each(self) -> int:
        """MB that one person may have waiting to be filed."""
        return self.unfiled_bytes_each // MEGABYTE


@dataclass(frozen=True, kw_only=True)
class PolicyForm:
    """What shall be otherwise, as typed; None stays as it is."""

    annex_kinds: Sequence[str] | None = None
    refused_findings: Sequence[Finding] | None = None
    main_max_mb: int | None = None
    first_annex_max_mb: int | None = None
    other_annex_max_mb: int | None = None
    max_annexes: int | None = None
    uploads_each: int | None = None
    unfiled_mb_each: int | None = None
    drafts_each: int | None = None
    draft_days: int | None = None
    correction_working_days: int | None = None
    correction_keeps_date: bool | None = None


def check_policy(form: PolicyForm, checks: Checks, *, most_unfiled_bytes: int) -> dict[str, Any]:
    """Return what is given, by the fields of `CounterPolicy`; *most_unfiled_bytes* is what all people have together."""
    given = {name: value for name, value in asdict(form).items() if value is not None}
    values = {name: given[name] for name in ("correction_keeps_date",) if name in given}
    for name, allowed in BOUNDS.items():
        if name in given:
            values[name] = checks.take(camel(name), lambda number, within=allowed: _within(number, within), given[name])
    if "unfiled_mb_each" in given:
        allowed = range(MOST_OF_ONE_FILING_MB, most_unfiled_bytes // MEGABYTE + 1)
        values["unfiled_bytes_each"] = checks.take(
            "unfiledMbEach", lambda number: _within(number, allowed) * MEGABYTE, given["unfiled_mb_each"]
        )
    if "annex_kinds" in given:
        values["annex_kinds"] = _each("annexKinds", _kind, given["annex_kinds"], checks, order=list(FILE_KINDS))
    if "refused_findings" in given:
        values["refused_findings"] = _each(
            "refusedFindings", _refusable, given["refused_findings"], checks, order=list(Finding)
        )
    return values


def _each(field: str, rule: Any, given: Sequence[Any], checks: Checks, *, order: list[Any]) -> tuple[Any, ...]:
    """Return what is named, each once, in the order of the table."""
    named: list[Any] = []
    for index, value in enumerate(checks.take(field, partial(check_choices, most=len(order)), given) or ()):
        try:
            named.append(rule(value))
        except InvalidInput as refusal:
            checks.note(refusal.at(field, str(index)))
    return tuple(value for value in order if value in named)


def _kind(text: str) -> str:
    extension = text.strip().lower().removeprefix(".")
    if extension not in FILE_KINDS:
        raise UnknownFileKind
    return extension


def _refusable(finding: Finding) -> Finding:
    if finding not in REFUSABLE:
        raise NotRefusable
    return finding


def _within(number: int, allowed: range) -> int:
    if number not in allowed:
        raise OutOfBounds(allowed)
    return number


def fold(base: CounterPolicy, changes: Iterable[tuple[datetime, Mapping[str, Any]]], at: datetime) -> CounterPolicy:
    """Return the policy at the instant *at*: *base*, and each of *changes* from its instant on, one over the other."""
    policy = base
    for from_at, values in changes:
        if from_at <= at:
            policy = replace(policy, **from_json(values))
    return policy


def differing(values: Mapping[str, Any], policy: CounterPolicy) -> dict[str, Any]:
    """Return those of *values* that *policy* does not hold already."""
    return {name: value for name, value in values.items() if getattr(policy, name) != value}


def to_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of a policy as they are kept."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return value.value if isinstance(value, Enum) else value


def from_json(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of a policy from what was kept; what this program does not know, it cannot judge by."""
    known = {field.name for field in fields(CounterPolicy)}
    values = {name: value for name, value in kept.items() if name in known}
    if "annex_kinds" in values:
        values["annex_kinds"] = tuple(values["annex_kinds"])
    if "refused_findings" in values:
        values["refused_findings"] = in_order(Finding(each) for each in values["refused_findings"] if each in _KNOWN)
    elif _OF_BEFORE in kept:
        named = (Finding(each) for each in kept[_OF_BEFORE] if each in _KNOWN)
        values["refused_findings"] = in_order([*REFUSED_BY_DEFAULT, *named])
    return values


_OF_BEFORE: Final = "refused_problems"
"""What was refused of a PDF, decided before there was a sieve; the names are those of findings."""

_KNOWN: Final = frozenset(Finding)


def camel(name: str) -> str:
    """Return the name of a field in the API."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
