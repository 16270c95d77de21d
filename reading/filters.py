"""What trámites must be like to be found: the filter as a client gives it, and the condition that it means."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q

from reading.catalogue import office_ids
from rules.lifecycle import TramiteStatus
from rules.numbering import parse_number
from rules.people import clean_ruc
from rules.refusals import Checks, InvalidInput
from rules.workdays import LIMA

if TYPE_CHECKING:
    from rules.catalogue import Channel, DocumentKind

MOST_CHOICES = 20
LONGEST_TEXT = 200
MOST_WORDS = 10
LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+")
_MANY = re.compile(r"(ion|es|en)es\Z", re.ASCII | re.IGNORECASE)
"""Endings of many that are those of one and «es», as the migration that makes the column of words has them."""
_NUMBER_BEGINNING = re.compile(r"[A-Z0-9-]{1,24}", re.ASCII)


class TextUnsearchable(InvalidInput):
    """The text holds nothing that can be looked for, or too much."""

    code = "TEXT_UNSEARCHABLE"

    def __init__(self) -> None:
        super().__init__(f"Escriba al menos una palabra, y hasta {LONGEST_TEXT} caracteres.")


class NumberUnsearchable(InvalidInput):
    """The text is not how a number begins."""

    code = "NUMBER_UNSEARCHABLE"

    def __init__(self) -> None:
        super().__init__("Escriba el número de trámite, o su comienzo, por ejemplo MPD-2026-0000.")


class TooManyChoices(InvalidInput):
    """A list in the filter is too long."""

    code = "TOO_MANY_CHOICES"

    def __init__(self) -> None:
        super().__init__(f"Elija hasta {MOST_CHOICES} valores.")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What trámites must be like; days are Lima's, both ends count. Voided ones only where a status asks for them."""

    number: str | None = None
    document_kinds: tuple[DocumentKind, ...] = ()
    statuses: tuple[TramiteStatus, ...] = ()
    channel: Channel | None = None
    office_codes: tuple[str, ...] = ()
    organization_ruc: str | None = None
    sent_from: date | None = None
    sent_to: date | None = None
    filed_from: date | None = None
    filed_to: date | None = None
    text: str | None = None


async def judged(wanted: Filter) -> tuple[Q, str | None]:
    """
    Return the condition that *wanted* means, and the words to be looked for, as `search_words` gives them.

    Raises:
        InvalidInput: for every field of the filter that does not hold what it must.
    """
    checks = Checks()
    condition = (
        _statuses(checks, wanted)
        & await _choices(checks, wanted)
        & _number(checks, wanted.number)
        & _days(wanted)
        & _of_organization(checks, wanted.organization_ruc)
    )
    words = checks.take("text", search_words, wanted.text) if wanted.text is not None else None
    try:
        checks.refuse_any()
    except InvalidInput as refusal:
        raise refusal.at("filter") from None
    return condition, words


def _statuses(checks: Checks, wanted: Filter) -> Q:
    statuses = checks.take("statuses", _bounded, wanted.statuses)
    return Q(status__in=list(statuses)) if statuses else ~Q(status=TramiteStatus.VOIDED)


async def _choices(checks: Checks, wanted: Filter) -> Q:
    condition = Q(channel=wanted.channel) if wanted.channel else Q()
    if kinds := checks.take("documentKinds", _bounded, wanted.document_kinds):
        condition &= Q(document_kind__in=list(kinds))
    if codes := checks.take("officeCodes", _bounded, wanted.office_codes):
        condition &= Q(office_id__in=await office_ids(codes))  # as ids, of which the planner knows how many there are
    return condition


def _bounded(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(values) > MOST_CHOICES:
        raise TooManyChoices
    return values


def _number(checks: Checks, number: str | None) -> Q:
    beginning = checks.take("number", _beginning, number) if number is not None else None
    return Q(number__startswith=beginning) if beginning else Q()


def _beginning(number: str) -> str:
    try:
        return str(parse_number(number))
    except InvalidInput:
        typed = "".join(number.upper().split())
        if not _NUMBER_BEGINNING.fullmatch(typed):
            raise NumberUnsearchable from None
        return typed


def _days(wanted: Filter) -> Q:
    condition = Q()
    if wanted.sent_from:
        condition &= Q(sent_at__gte=datetime.combine(wanted.sent_from, time(), LIMA))
    if wanted.sent_to and wanted.sent_to < date.max:
        condition &= Q(sent_at__lt=datetime.combine(wanted.sent_to + timedelta(days=1), time(), LIMA))
    if wanted.filed_from:
        condition &= Q(filed_on__gte=wanted.filed_from)
    if wanted.filed_to:
        condition &= Q(filed_on__lte=wanted.filed_to)
    return condition


def _of_organization(checks: Checks, ruc: str | None) -> Q:
    known = checks.take("organizationRuc", clean_ruc, ruc) if ruc is not None else None
    return Q(organization_ruc=known) if known else Q()


def search_words(text: str) -> str:
    """
    Return a text as PostgreSQL's `to_tsquery` takes it: all of its words, of the last one the beginning.

    Only letters and digits are left of it, so nothing that a person types is syntax. Words for many become those for
    one, as in what is searched, where that makes the stemmer see the same word with and without its accent.

    Raises:
        TextUnsearchable: there is no word, or the text is too long.
    """
    if len(text) > LONGEST_TEXT:
        raise TextUnsearchable
    words = [_MANY.sub(r"\1", word[:LONGEST_WORD]) for word in _WORD.findall(unicodedata.normalize("NFC", text))][
        :MOST_WORDS
    ]
    if not words:
        raise TextUnsearchable
    return " & ".join(words) + ":*"
