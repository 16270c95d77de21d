"""Templates (plantillas): sentences that staff edit once and use again and again."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rules.observations import POINT_MAX_LENGTH
from rules.refusals import Conflict, NotFound
from rules.words import STATEMENT_MAX_LENGTH, clean_paragraph, clean_text

TITLE_MAX_LENGTH: Final = 120


class TemplateKind(StrEnum):
    """What a template is for."""

    OBSERVATION_POINT = "OBSERVATION_POINT"
    ANSWER = "ANSWER"
    REFERRAL = "REFERRAL"


_LONGEST: Final[Mapping[TemplateKind, int]] = {
    TemplateKind.OBSERVATION_POINT: POINT_MAX_LENGTH,
    TemplateKind.ANSWER: STATEMENT_MAX_LENGTH,
    TemplateKind.REFERRAL: STATEMENT_MAX_LENGTH,
}


class NoSuchTemplate(NotFound):
    """There is no such template, or the viewer may not see it: both are answered alike."""

    code = "TEMPLATE_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No encontramos esa plantilla. Vuelva a abrir la lista de plantillas.", path=("id",))


class TemplateRetired(Conflict):
    """The template was taken out of use for good."""

    code = "TEMPLATE_RETIRED"

    def __init__(self) -> None:
        super().__init__("Esa plantilla ya se retiró. Si todavía la necesita, cree una nueva con el mismo texto.")


class TemplateChanged(Conflict):
    """Somebody else saved another version meanwhile."""

    code = "TEMPLATE_CHANGED"

    def __init__(self) -> None:
        super().__init__(
            "Otra persona cambió esta plantilla mientras usted la editaba. Vuelva a abrirla y repita su cambio.",
            path=("expectedVersion",),
        )


def clean_title(title: str | None) -> str:
    """
    Return by which name a template is chosen, one line of 1 to 120 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_text`.
    """
    return clean_text(title, max_length=TITLE_MAX_LENGTH)


def clean_template(text: str | None, kind: TemplateKind) -> str:
    """
    Return the text of a template, no longer than what it is used for may be.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_paragraph`.
    """
    return clean_paragraph(text, max_length=_LONGEST[kind])
