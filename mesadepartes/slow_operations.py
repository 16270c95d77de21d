"""Operations that took long are logged, with what they did; never with what they were given."""

from __future__ import annotations

import logging
import re
import secrets
from typing import TYPE_CHECKING, Final

from resolvers.engine.observing import STAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesadepartes.statement_plans import StatementPlans
    from resolvers.engine.observing import Observed

logger = logging.getLogger(__name__)

MOST_STATEMENTS: Final = 4
STATEMENT_LENGTH: Final = 2_000
NAME_LENGTH: Final = 64
_VALUES = re.compile(r"'(?:[^']|'')*(?:'|\Z)|(?<![\w$\"])\d+(?:\.\d+)?\b")
_SPACE = re.compile(r"\s+")


class SlowOperations:
    """Logs what takes longer than its threshold, and has its plans told."""

    def __init__(self, seconds: float, plans: StatementPlans | None = None) -> None:
        self._seconds, self._plans = seconds, plans

    def ended(self, operations: Sequence[Observed]) -> None:
        """Log those that were slow."""
        for operation in operations:
            if operation.duration >= self._seconds:
                self._log(operation)

    def _log(self, operation: Observed) -> None:
        told = {
            "action": "slow_operation",
            "operation_id": (id_ := secrets.token_hex(6)),
            "operation": (operation.name or "")[:NAME_LENGTH],
            "kind": operation.kind,
            "digest": operation.digest,
            "code": operation.code,
            "error_id": operation.error_id,
            "statements": operation.statements,
            "cost": operation.cost,
            "plan": "compiled" if operation.is_planned else "plain",
            **{f"{stage}_ms": round(seconds * 1_000) for stage, seconds in zip(STAGES, operation.seconds, strict=True)},
            **{f"sql_{number}": shape_of(text) for number, text in enumerate(operation.texts[:MOST_STATEMENTS], 1)},
        }
        logger.warning("An operation took %d ms", operation.duration * 1_000, extra=told)
        if self._plans is not None:
            self._plans.ask(id_, operation.digest, operation.texts)


def shape_of(statement: str) -> str:
    """Return a statement without any value that stands in it, on one line, cut where it is long."""
    return _SPACE.sub(" ", _VALUES.sub("?", statement[: 2 * STATEMENT_LENGTH])).strip()[:STATEMENT_LENGTH]
