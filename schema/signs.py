"""What the desk should notice of a trámite; its applicant is never shown it."""

import datetime as dt

import strawberry

from schema.described import says


@strawberry.type(description="What the desk should notice of a trámite (señales).")
class DeskSigns:
    """Signs."""

    due_on: dt.date | None = says(
        "By when something must happen next (vencimiento): it must be routed, answered or corrected; null when nothing "
        "is waited for."
    )
    is_late: bool = says("Whether that day has passed (atrasado).")
    is_due_soon: bool = says("Whether it is today or one of the next three days (por vencer).")
    has_owner: bool = says("Whether somebody has taken it on (responsable).")
    is_mine: bool = says("Whether that is the viewer.")
    is_missing_something: bool = says("Whether something is still missing (faltan datos).")
    folios_doubt: str | None = says(
        "What is odd about the number of folios, in Spanish, for people; null if the pages of the files fit it."
    )


@strawberry.type(
    description="Other trámites with a file of the same bytes (archivo repetido), before or after, by whichever door. "
    "It is a sign and no more: each was received and has its own number."
)
class SameFiles:
    """Where the same files are."""

    numbers: list[str] = says("Numbers of those that the viewer may see, at most 20.")
    elsewhere_count: int = says("How many others there are, which the viewer may not see.")
    is_complete: bool = says("Whether these are all; of a file that is everywhere, only the first few are looked at.")
