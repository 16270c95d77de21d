"""Files seen without being opened (vista previa): in which widths their pages are shown, and why one is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rules.access import Role
from rules.refusals import Conflict, InvalidInput, NotAllowed, NotFound, TooManyRequests
from rules.verdicts import Finding

if TYPE_CHECKING:
    from rules.verdicts import Judgement

THUMBNAIL_WIDTH: Final = 320
READING_WIDTH: Final = 1000
LARGE_WIDTH: Final = 1600
WIDTHS: Final = (THUMBNAIL_WIDTH, READING_WIDTH, LARGE_WIDTH)
"""In pixels. A page that is over four times as high as it is wide is shown narrower."""

LAST_PAGE: Final = 5_000
"""Further pages are not shown: whoever needs them has the original."""

MOST_AT_ONCE: Final = 200
"""Pages, or members of an archive."""

MOST_CHARACTERS_AT_ONCE: Final = 20_000


class PartOutOfBounds(InvalidInput):
    """Too much is wanted at once, or nothing that could be."""

    code = "PART_OUT_OF_BOUNDS"

    def __init__(self, name: str, least: int, most: int) -> None:
        super().__init__(f"Pida un número de {least} a {most}.", path=(name,))


class NoSuchWidth(InvalidInput):
    """Pictures are made in a few widths only."""

    code = "NO_SUCH_WIDTH"

    def __init__(self) -> None:
        super().__init__(f"Pida la imagen con uno de estos anchos: {', '.join(map(str, WIDTHS))}.", path=("width",))


class NoSuchPage(NotFound):
    """The file has no such page, or only the original shows it."""

    code = "PAGE_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("El archivo no tiene esa página, o solo puede verla en el original descargado.")


class PageNotShown(InvalidInput):
    """It cannot be shown: it is damaged, too much, or too slow."""

    code = "PAGE_NOT_SHOWN"

    def __init__(self) -> None:
        super().__init__(
            "Esto no se puede mostrar: está dañado o es demasiado complejo. Descargue el original y ábralo con "
            "cuidado, en un equipo actualizado."
        )


class PageLocked(InvalidInput):
    """It asks for a password."""

    code = "PAGE_LOCKED"

    def __init__(self) -> None:
        super().__init__("El archivo tiene clave de apertura y no se puede mostrar. Pida al remitente uno sin clave.")


class NoPictures(InvalidInput):
    """It has no pages that could be shown, nor anything else."""

    code = "NO_PICTURES"

    def __init__(self) -> None:
        super().__init__("De esta clase de archivo no hay imágenes. Vea su descripción, o descargue el original.")


class FileInfected(NotAllowed):
    """The antivirus found something in it: it is not shown, and only staff are given it."""

    code = "FILE_INFECTED"

    def __init__(self) -> None:
        super().__init__(
            "El antivirus encontró en este archivo un programa dañino, por lo que no se muestra ni se entrega. Si es "
            "suyo, limpie su equipo, genere el documento de nuevo y preséntelo otra vez."
        )


class RiskNotAccepted(Conflict):
    """Staff are given it once they say that they know."""

    code = "FILE_RISK_NOT_ACCEPTED"

    def __init__(self) -> None:
        super().__init__(
            "El antivirus encontró en este archivo un programa dañino. No lo abra. Si debe descargarlo como evidencia, "
            "confirme que acepta el riesgo."
        )


def check_shown(judgement: Judgement) -> None:
    """
    Raises:
        FileInfected: nothing of it is shown.
    """
    if Finding.MALWARE in judgement.all_findings:
        raise FileInfected


def check_given(judgement: Judgement, role: Role, *, accepts_risk: bool) -> None:
    """
    Judge whether the original is given to who may see it.

    Raises:
        FileInfected: it would harm them.
        RiskNotAccepted: it would, and they are to say that they know.
    """
    if Finding.MALWARE not in judgement.all_findings:
        return
    if role is Role.APPLICANT:
        raise FileInfected
    if not accepts_risk:
        raise RiskNotAccepted


class ViewsBusy(TooManyRequests):
    """Too many pages are being made pictures of at this moment."""

    code = "VIEWS_BUSY"

    def __init__(self) -> None:
        super().__init__(
            "Se están preparando muchas páginas en este momento. Vuelva a intentar en unos segundos.",
            retry_after_seconds=5,
        )
