"""What is found of a file that was handed in (hallazgos): each finding's code, its sentence, and what follows of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from rules.files import PagesProblem, extension_of


class Finding(StrEnum):
    """One thing that is wrong with a file, or that whoever opens it should know."""

    DAMAGED = "DAMAGED"
    EMPTY = "EMPTY"
    ENCRYPTED = "ENCRYPTED"
    RESTRICTED = "RESTRICTED"
    OTHER_KIND = "OTHER_KIND"
    DISGUISED = "DISGUISED"
    BOMB = "BOMB"
    TOO_COMPLEX = "TOO_COMPLEX"
    TOO_MANY_PAGES = "TOO_MANY_PAGES"
    HUGE_PICTURE = "HUGE_PICTURE"
    JAVASCRIPT = "JAVASCRIPT"
    LAUNCH = "LAUNCH"
    AUTOMATIC_ACTION = "AUTOMATIC_ACTION"
    EXTERNAL_CONTENT = "EXTERNAL_CONTENT"
    MULTIMEDIA = "MULTIMEDIA"
    EMBEDDED_FILES = "EMBEDDED_FILES"
    FORM = "FORM"
    DYNAMIC_FORM = "DYNAMIC_FORM"
    MACROS = "MACROS"
    DATA_EXCHANGE = "DATA_EXCHANGE"
    EMBEDDED_OBJECTS = "EMBEDDED_OBJECTS"
    CONTROLS = "CONTROLS"
    TOO_MANY_MEMBERS = "TOO_MANY_MEMBERS"
    OVERLAPPING = "OVERLAPPING"
    NESTED_ARCHIVE = "NESTED_ARCHIVE"
    ESCAPING_NAME = "ESCAPING_NAME"
    LINK = "LINK"
    PROGRAM = "PROGRAM"
    PART_OF_SEVERAL = "PART_OF_SEVERAL"
    MALWARE = "MALWARE"
    NOT_SCANNED = "NOT_SCANNED"
    PARTLY_SCANNED = "PARTLY_SCANNED"
    NOT_JUDGED = "NOT_JUDGED"


class Fitness(StrEnum):
    """What follows of all that was found of a file."""

    FIT = "FIT"
    REMARKED = "REMARKED"
    REFUSED = "REFUSED"


class Scan(StrEnum):
    """What the antivirus said of a content."""

    CLEAN = "CLEAN"
    INFECTED = "INFECTED"
    PARTLY = "PARTLY"
    PENDING = "PENDING"
    """It is configured, and could not be asked yet."""


SIGNATURE_MAX_LENGTH: Final = 200

FOUND_BY_SCAN: Final[Mapping[Scan, Finding]] = {
    Scan.INFECTED: Finding.MALWARE,
    Scan.PARTLY: Finding.PARTLY_SCANNED,
    Scan.PENDING: Finding.NOT_SCANNED,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    What was found of a content, whatever it is called.

    `kind` is the extension, of `rules.files.FILE_KINDS`, that it truly is (`jpg` for both of JPEG's), None if none.
    `pages` of a PDF, or its `problem`. `findings` of the sieve in the order of the enum, each once. `scan` is None
    where no antivirus was asked; `signature` is what it called what it found, at most 200 characters, for staff.
    """

    kind: str | None = None
    pages: int | None = None
    problem: PagesProblem | None = None
    findings: tuple[Finding, ...] = ()
    scan: Scan | None = None
    signature: str | None = None

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """What the sieve and the antivirus found."""
        scanned = FOUND_BY_SCAN.get(self.scan) if self.scan else None
        return in_order((*self.findings, *([scanned] if scanned else [])))

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Judgement:
        """Return what the sieve's `values` gave, read back from JSON."""
        problem = values["problem"]
        return cls(
            values["kind"],
            values["pages"],
            PagesProblem(problem) if problem else None,
            in_order(map(Finding, values["findings"])),
        )

    def values(self) -> dict[str, Any]:
        """Return what the sieve found, as JSON can hold it."""
        return {"kind": self.kind, "pages": self.pages, "problem": self.problem, "findings": list(self.findings)}

    def but(self, *, found: Iterable[Finding]) -> Judgement:
        """Return it with these findings besides."""
        return replace(self, findings=in_order((*self.findings, *found)))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return them in the order of the enum, each once."""
    given = set(findings)
    return tuple(finding for finding in Finding if finding in given)


NOT_JUDGED: Final = Judgement(problem=PagesProblem.NOT_COUNTED, findings=(Finding.NOT_JUDGED,))
"""The sieve crashed, took too long or too much: a finding, never a lost filing."""

OURS: Final = frozenset({Finding.NOT_JUDGED, Finding.NOT_SCANNED, Finding.PARTLY_SCANNED})
"""What is no fault of the file's: it is told, looked at again, and never a reason to refuse."""

REFUSABLE: Final = frozenset(Finding) - OURS

REFUSED_BY_DEFAULT: Final = frozenset(
    {
        Finding.DISGUISED,
        Finding.BOMB,
        Finding.LAUNCH,
        Finding.OVERLAPPING,
        Finding.ESCAPING_NAME,
        Finding.LINK,
        Finding.PROGRAM,
        Finding.MALWARE,
    }
)
"""What harms whoever opens it and has no honest use in a document; the rest is received and told (TUO 27444, 136.1)."""

ALIKE: Final[Mapping[str, str]] = {"jpeg": "jpg"}
"""Extensions that are written two ways."""


def findings_for(name: str, judgement: Judgement) -> tuple[Finding, ...]:
    """
    Return what is found of a content under the name it was handed in with.

    A document may be handed in as what it is made of (a .docx as .zip); nothing else may be called what it is not.
    """
    extension = extension_of(name)
    called = ALIKE.get(extension, extension)
    if judgement.kind in (None, called) or (called == "zip" and judgement.kind in ("docx", "xlsx")):
        return judgement.all_findings
    return in_order((*judgement.all_findings, Finding.OTHER_KIND))


def fitness_of(findings: Collection[Finding], refused: Collection[Finding]) -> Fitness:
    """Say what follows, where *refused* are those that the institution does not take."""
    if any(finding in refused and finding in REFUSABLE for finding in findings):
        return Fitness.REFUSED
    return Fitness.REMARKED if findings else Fitness.FIT


_SENTENCES: Final[Mapping[Finding, str]] = {
    Finding.DAMAGED: "El archivo está dañado o incompleto. Vuelva a generarlo, compruebe que se abre en su equipo y "
    "adjúntelo de nuevo.",
    Finding.EMPTY: "El archivo no contiene nada. Compruebe que es el archivo correcto y adjúntelo de nuevo.",
    Finding.ENCRYPTED: "El archivo tiene clave de apertura. Guárdelo sin clave y vuelva a adjuntarlo.",
    Finding.RESTRICTED: "El PDF se abre, pero está protegido contra impresión o copia. Si puede, guárdelo sin "
    "protección y vuelva a adjuntarlo.",
    Finding.OTHER_KIND: "El contenido no es de la clase que dice el nombre del archivo. Ábralo en su programa, "
    "guárdelo en el formato correcto y vuelva a adjuntarlo.",
    Finding.DISGUISED: "El archivo es dos cosas a la vez: lleva pegado contenido de otra clase. Expórtelo de nuevo "
    "desde su programa y adjunte solo el documento.",
    Finding.BOMB: "El archivo ocuparía un tamaño desmedido al abrirse. Divídalo o genérelo de nuevo y vuelva a "
    "adjuntarlo.",
    Finding.TOO_COMPLEX: "El archivo es demasiado complejo para revisarlo por completo. Si puede, expórtelo de nuevo "
    "como un PDF sencillo.",
    Finding.TOO_MANY_PAGES: "El PDF tiene demasiadas páginas. Divídalo en varios archivos y vuelva a adjuntarlos.",
    Finding.HUGE_PICTURE: "La imagen es demasiado grande para mostrarla. Redúzcala, o escanee con menos resolución, y "
    "vuelva a adjuntarla.",
    Finding.JAVASCRIPT: "El PDF contiene un programa (JavaScript). Imprímalo como PDF y adjunte el resultado.",
    Finding.LAUNCH: "El PDF intenta abrir otro programa. Imprímalo como PDF y adjunte el resultado.",
    Finding.AUTOMATIC_ACTION: "El PDF hace algo por sí solo al abrirse. Imprímalo como PDF y adjunte el resultado.",
    Finding.EXTERNAL_CONTENT: "El archivo depende de contenido que está en otro lugar: lo trae al abrirse, o lleva a "
    "él. Guárdelo con todo su contenido incluido y vuelva a adjuntarlo.",
    Finding.MULTIMEDIA: "El archivo contiene sonido, video u objetos en tres dimensiones, que no forman parte del "
    "documento que se lee. Si importan, preséntelos aparte.",
    Finding.EMBEDDED_FILES: "El PDF lleva otros archivos dentro. Si importan, adjúntelos por separado como anexos.",
    Finding.FORM: "El PDF es un formulario cuyos campos aún pueden cambiarse. Imprímalo como PDF y adjunte el "
    "resultado.",
    Finding.DYNAMIC_FORM: "El PDF es un formulario dinámico (XFA) que muchos programas no muestran. Imprímalo como PDF "
    "y adjunte el resultado.",
    Finding.MACROS: "El archivo contiene macros (programas). Guárdelo sin macros, o expórtelo a PDF, y vuelva a "
    "adjuntarlo.",
    Finding.DATA_EXCHANGE: "El archivo pide datos o programas de otros (DDE). Expórtelo a PDF y vuelva a adjuntarlo.",
    Finding.EMBEDDED_OBJECTS: "El archivo lleva objetos de otros programas dentro. Si importan, adjúntelos por "
    "separado como anexos.",
    Finding.CONTROLS: "El archivo contiene controles activos (ActiveX). Expórtelo a PDF y vuelva a adjuntarlo.",
    Finding.TOO_MANY_MEMBERS: "El archivo comprimido contiene demasiados archivos. Reúnalos en menos, o divídalo, y "
    "vuelva a adjuntarlo.",
    Finding.OVERLAPPING: "El archivo comprimido está construido para engañar: sus partes se superponen. Comprima de "
    "nuevo los originales y vuelva a adjuntarlo.",
    Finding.NESTED_ARCHIVE: "El archivo comprimido lleva otros comprimidos dentro. Reúna todo en uno solo y vuelva a "
    "adjuntarlo.",
    Finding.ESCAPING_NAME: "El archivo comprimido contiene nombres que escriben fuera de su carpeta. Comprima de nuevo "
    "los originales y vuelva a adjuntarlo.",
    Finding.LINK: "El archivo comprimido contiene enlaces en vez de archivos. Comprima los archivos mismos y vuelva a "
    "adjuntarlo.",
    Finding.PROGRAM: "El archivo contiene un programa. Quítelo, deje solo documentos e imágenes, y vuelva a "
    "adjuntarlo.",
    Finding.PART_OF_SEVERAL: "El archivo es solo una parte de varias. Comprima todo en un solo archivo y vuelva a "
    "adjuntarlo.",
    Finding.MALWARE: "El antivirus encontró en el archivo un programa dañino. Limpie su equipo con un antivirus, "
    "genere el documento de nuevo y vuelva a adjuntarlo.",
    Finding.NOT_SCANNED: "El antivirus todavía no revisó el archivo; lo hará en cuanto pueda. No tiene que hacer nada.",
    Finding.PARTLY_SCANNED: "El antivirus no pudo revisar todo el contenido del archivo. Si puede, preséntelo sin "
    "comprimir y sin clave.",
    Finding.NOT_JUDGED: "El archivo no se pudo revisar por completo; se revisará de nuevo. Compruebe que se abre en su "
    "equipo.",
}  # fmt: skip


def code_of(finding: Finding) -> str:
    """Return the code under which it is told, be it a doubt or the reason of a refusal."""
    return f"FILE_{finding}"


def say_finding(finding: Finding) -> str:
    """Return what is told of it to whoever handed the file in: what is wrong, and what to do."""
    return _SENTENCES[finding]
