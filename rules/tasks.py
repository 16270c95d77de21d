"""Tasks: what the counter cannot settle by itself and lays before the people at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.refusals import Conflict, NotAllowed, NotFound
from rules.words import clean_paragraph

NOTE_MAX_LENGTH: Final = 1000


class TaskKind(StrEnum):
    """Why a person is needed. Members are added, never removed."""

    OBSERVATION_UNDELIVERED = "OBSERVATION_UNDELIVERED"
    RECEIPT_UNDELIVERED = "RECEIPT_UNDELIVERED"
    ADDRESS_BOUNCED = "ADDRESS_BOUNCED"
    MAIL_DIFFERENCES = "MAIL_DIFFERENCES"
    REPLY_NOT_ADDED = "REPLY_NOT_ADDED"
    REPLY_QUARANTINED = "REPLY_QUARANTINED"
    MALWARE_FOUND = "MALWARE_FOUND"

    @property
    def words(self) -> TaskWords:
        """What it is called, and what is to be done."""
        return _WORDS[self]


@dataclass(frozen=True, slots=True)
class TaskWords:
    """A kind of task in Spanish, for the people at the desk."""

    title: str
    to_do: str

    def say_to_do(self, detail: Mapping[str, object]) -> str:
        """Return what is to be done, with the number that the task's *detail* names."""
        return self.to_do.replace("{number}", str(detail.get("number", "")))


_WORDS: Final[Mapping[TaskKind, TaskWords]] = {
    TaskKind.OBSERVATION_UNDELIVERED: TaskWords(
        "La observación no llegó a quien presentó el documento",
        "Avísele por otro medio, por ejemplo por teléfono, qué debe subsanar y hasta cuándo. Mientras la observación "
        "no le llegue, el documento no se tiene por no presentado. Al cerrar la tarea anote cómo y cuándo le avisó.",
    ),
    TaskKind.RECEIPT_UNDELIVERED: TaskWords(
        "La constancia no llegó a quien presentó el documento",
        "Avísele por otro medio que puede descargar su constancia con su cuenta, o entréguesela impresa.",
    ),
    TaskKind.ADDRESS_BOUNCED: TaskWords(
        "El correo de una persona ya no recibe mensajes",
        "Comuníquese con ella por otro medio y pídale que corrija su correo o que lo confirme de nuevo. Mientras tanto "
        "no se le escribe. Si le asegura que la dirección funciona, reanude los avisos al cerrar la tarea.",
    ),
    TaskKind.MAIL_DIFFERENCES: TaskWords(
        "Los correos recibidos y lo registrado no coinciden",
        "Pida a quien cuida el sistema que ejecute «mesadepartes intake audit»: dice qué correo falta, sobra o cambió. "
        "Mientras tanto no borre ni mueva nada en el buzón. Al cerrar la tarea anote qué se encontró.",
    ),
    TaskKind.REPLY_NOT_ADDED: TaskWords(
        "Una respuesta a la observación ingresó como otro documento",
        "Dentro del plazo para subsanar llegó por correo una respuesta que no se agregó a este trámite: ingresó como "
        "el trámite {number}, porque no se comprobó quién la envió o no se podía agregar tal como llegó. Revise ese "
        "trámite y comuníquese con quien presentó este. Mientras la tarea esté abierta, este trámite no se tiene por "
        "no presentado. Si ya está subsanado, o la respuesta no es de esa persona, cierre la tarea y anótelo.",
    ),
    TaskKind.REPLY_QUARANTINED: TaskWords(
        "Una respuesta a la observación espera en la cuarentena de correos",
        "Dentro del plazo para subsanar llegó por correo una respuesta a este trámite que solo una persona puede leer. "
        "Revísela en la cuarentena del buzón, libérela o rechácela, y comuníquese con quien presentó este trámite. "
        "Mientras la tarea esté abierta, este trámite no se tiene por no presentado.",
    ),
    TaskKind.MALWARE_FOUND: TaskWords(
        "El antivirus encontró un programa dañino en un archivo ya recibido",
        "No abra el archivo ni lo reenvíe; avise a quien cuida los sistemas y a quienes ya lo descargaron. El "
        "documento sigue presentado. Si le falta lo que traía el archivo, obsérvelo y pida que lo presente de nuevo, "
        "limpio. Al cerrar la tarea anote qué se hizo.",
    ),
}


ANSWERED: Final = (TaskKind.REPLY_NOT_ADDED, TaskKind.REPLY_QUARANTINED)
"""While one of these is open, somebody may have answered the observation of its trámite in time."""


class NoSuchTask(NotFound):
    """There is no such task, or the viewer may not see it: both are answered alike."""

    code = "TASK_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No encontramos esa tarea. Actualice la lista de tareas.", path=("id",))


class NotYourTask(NotAllowed):
    """The task may be seen but is for others to close."""

    code = "NOT_YOUR_TASK"

    def __init__(self) -> None:
        super().__init__("Puede ver esta tarea, pero no cerrarla: le corresponde al personal de la dependencia.")


class TaskClosed(Conflict):
    """Somebody has closed the task already."""

    code = "TASK_CLOSED"

    def __init__(self) -> None:
        super().__init__("Esa tarea ya fue cerrada.", path=("id",))


def clean_note(text: str | None) -> str:
    """
    Return what was done about a task: paragraphs, up to 1,000 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_paragraph`.
    """
    return clean_paragraph(text, max_length=NOTE_MAX_LENGTH)
