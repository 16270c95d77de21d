"""Why an operation of the API is not run, or not to its end, whoever asks for it."""

from __future__ import annotations

from rules.refusals import Refusal, TooManyRequests


class BudgetExhausted(TooManyRequests):
    """Somebody asked for as much as one may within a minute; waiting is enough."""

    code = "COST_BUDGET_EXHAUSTED"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(
            f"Se han pedido demasiados datos en poco tiempo. Vuelva a intentar en {wait_seconds} s.",
            retry_after_seconds=wait_seconds,
        )


class TooManyOperations(TooManyRequests):
    """As many operations of an account are running as may; when one of them has ended there is room."""

    code = "TOO_MANY_OPERATIONS_AT_ONCE"

    def __init__(self) -> None:
        super().__init__(
            "Su cuenta tiene demasiadas operaciones en curso. Espere a que termine alguna y vuelva a intentar.",
            retry_after_seconds=1,
        )


class OperationTimedOut(Refusal):
    """
    It took longer than an operation may.

    What it had begun is undone, but for what was just being committed: whoever repeats it with the same key is told.
    """

    code = "OPERATION_TIMED_OUT"

    def __init__(self) -> None:
        super().__init__(
            "La operación tardó demasiado y se interrumpió. Vuelva a intentarla, o pida menos datos a la vez."
        )
