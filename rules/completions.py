"""Completing a filing that came by mail: what it may be given, once, by whoever holds its link."""

from __future__ import annotations

from rules.refusals import Conflict, InvalidInput


class CompletionEmpty(InvalidInput):
    """Nothing is added."""

    code = "COMPLETION_EMPTY"

    def __init__(self) -> None:
        super().__init__("Adjunte lo que falta antes de enviar: el enlace se usa una sola vez.", path=("mainUpload",))


class MainStillMissing(InvalidInput):
    """The main document is missing, and what is sent does not bring it."""

    code = "MAIN_STILL_MISSING"

    def __init__(self) -> None:
        super().__init__(
            "Falta el documento principal en PDF. Adjúntelo junto con lo demás: el enlace se usa una sola vez.",
            path=("mainUpload",),
        )


class NothingMissing(Conflict):
    """What is given is there already, and is not replaced."""

    code = "NOT_MISSING"

    def __init__(self, what: str, *path: str) -> None:
        super().__init__(f"El trámite ya tiene {what}, y con este enlace no se reemplaza.", path=path)
