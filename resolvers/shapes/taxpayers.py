"""What was found about a RUC, as the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.taxpayers import RucValidation

if TYPE_CHECKING:
    from reading.taxpayers import Finding


def show_finding(finding: Finding) -> RucValidation:
    """Return a finding."""
    taxpayer = finding.taxpayer
    return RucValidation(
        is_well_formed=finding.is_well_formed,
        problem=finding.problem,
        is_register_loaded=finding.registered_on is not None,
        register_date=finding.registered_on,
        name=taxpayer and taxpayer.name,
        state=taxpayer and taxpayer.state,
        condition=taxpayer and taxpayer.condition,
    )
