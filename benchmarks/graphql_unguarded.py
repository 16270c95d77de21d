"""
The web part with terms that hold nobody to anything, which no setting makes: only to be compared with.

    python -m benchmarks.graphql_unguarded web
"""

from __future__ import annotations

import sys
from dataclasses import fields
from typing import TYPE_CHECKING

from mesadepartes import operations
from mesadepartes.cli import main
from resolvers.engine.limits import Limits
from resolvers.engine.scanning import TextLimits
from resolvers.engine.terms import Terms

if TYPE_CHECKING:
    from mesadepartes.settings import Settings


def unlimited() -> Terms:
    """Return terms without limits, masked messages, budget and seats."""
    return Terms(
        text=TextLimits(**{each.name: sys.maxsize for each in fields(TextLimits)}),
        limits=Limits(**{each.name: sys.maxsize for each in fields(Limits)}),
        most_cost=sys.maxsize,
    )


def _unlimited(_settings: Settings, _observer: object = None) -> Terms:
    return unlimited()


if __name__ == "__main__":
    operations.terms_of = _unlimited
    main()
