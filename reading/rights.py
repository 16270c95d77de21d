"""Rights over a trámite as SQL about its row, made of the one table of rights."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from rules.access import Relation, Right, Role, may

if TYPE_CHECKING:
    from collections.abc import Callable

STANDING = {
    "is_applicant": "{row}.applicant_id IS NOT DISTINCT FROM {viewer}",
    "in_office": "{row}.office_id = ANY({offices})",
    "was_in_office": "EXISTS (SELECT FROM referrals f WHERE f.tramite_id = {row}.id "
    "AND f.from_office_id = ANY({offices}))",
}
"""How a viewer stands to the trámite in `{row}`, by the names of `Relation`."""


@cache
def right_sql(role: Role, right: Right) -> str:
    """Return the condition under which *role* has *right* over the trámite in `{row}`."""
    granted = [values for values in product((False, True), repeat=len(STANDING)) if may(role, right, Relation(*values))]
    matters = [place for place in range(len(STANDING)) if any(_flipped(each, place) not in granted for each in granted)]
    if not matters:
        return "true" if granted else "false"
    names = list(STANDING.values())
    cases = {tuple(each[place] for place in matters) for each in granted}
    said = [
        [f"{'' if yes else 'NOT '}({names[at]})" for at, yes in zip(matters, case, strict=True)]
        for case in sorted(cases)
    ]
    return f"({' OR '.join(' AND '.join(each) for each in said)})"


def _flipped(values: tuple[bool, ...], place: int) -> tuple[bool, ...]:
    return (*values[:place], not values[place], *values[place + 1 :])


def seen_by(column: str) -> Callable[[Role], str]:
    """Return, by role, the selection of the trámite whose id stands in *column* of `{row}`, if it may be seen."""

    def select(role: Role) -> str:
        may_see = right_sql(role, Right.SEE).replace("{row}", "t")
        return f"SELECT * FROM tramites t WHERE t.id = {{row}}.{column} AND {may_see}"  # noqa: S608 - our own words

    return select
