"""
What is kept of people: of each kind what for, by which law, for how long, and what is left when its time is over.

`rules.kept_tables` says which table holds which kinds, column by column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class RetentionKind(StrEnum):
    """A kind of what is kept about people. Members are added, never removed."""

    ACCOUNT = "ACCOUNT"
    SESSIONS = "SESSIONS"
    CODES = "CODES"
    DRAFTS = "DRAFTS"
    UPLOADS = "UPLOADS"
    USED_UPLOADS = "USED_UPLOADS"
    CLIENT_KEYS = "CLIENT_KEYS"
    OPEN_TRAMITES = "OPEN_TRAMITES"
    RESOLVED_TRAMITES = "RESOLVED_TRAMITES"
    UNDONE_TRAMITES = "UNDONE_TRAMITES"
    RESOLVED_FILES = "RESOLVED_FILES"
    UNDONE_FILES = "UNDONE_FILES"
    RECEIPTS = "RECEIPTS"
    NOTICES = "NOTICES"
    TASKS = "TASKS"
    RECOVERIES = "RECOVERIES"
    CLAIMS = "CLAIMS"
    MAILS = "MAILS"
    BOUNCED_ADDRESSES = "BOUNCED_ADDRESSES"
    CLOSURES = "CLOSURES"
    REGISTER = "REGISTER"
    READS = "READS"
    SEARCHES = "SEARCHES"

    @property
    def rule(self) -> KeptRule:
        """What holds for it."""
        return KEPT[self]


@dataclass(frozen=True, slots=True)
class KeptRule:
    """
    What holds for one kind, in Spanish for the people it is about.

    `days` counts from what `since` says. None: for always where that may be, else until what `since` says happens. An
    administrator may set another number, but none below `least_days`; where that is None, the period is fixed.
    """

    label: str
    purpose: str
    basis: str
    since: str
    erasure: str
    days: int | None = None
    least_days: int | None = None
    may_be_always: bool = False

    @property
    def is_changeable(self) -> bool:
        """Whether an administrator may set another period."""
        return self.least_days is not None

    def say_period(self, days: int | None) -> str:
        """Return for how long it is kept."""
        if days is None:
            return _ALWAYS if self.may_be_always else self.since
        return f"{_say_days(days)} {self.since}"


_YEAR: Final = 365
_LAW = "Ley 29733"
_PROCEDURE = "TUO de la Ley 27444"
_FILES = "Ley 25323 (Sistema Nacional de Archivos)"
_ALWAYS = "siempre, según el programa de control de documentos archivísticos de la institución"
_NO_TOMBSTONE = "Se borra del todo."

KEPT: Final[Mapping[RetentionKind, KeptRule]] = MappingProxyType(
    {
        RetentionKind.ACCOUNT: KeptRule(
            "Su cuenta y sus datos de contacto",
            "Identificarlo, dejarlo ingresar y avisarle de sus trámites.",
            f"{_LAW}, art. 13.5: su consentimiento al registrarse.",
            "mientras tenga la cuenta",
            "Al cerrarla se borran sus nombres, documento, fecha de nacimiento, correo, celular y contraseña; queda un "
            "identificador sin datos, al que se refiere el registro de actos.",
        ),
        RetentionKind.SESSIONS: KeptRule(
            "Sus ingresos",
            "Reconocer su equipo y mostrarle desde dónde se ingresó con su cuenta.",
            f"{_LAW}, art. 16: seguridad de los datos.",
            "después de que la sesión termina",
            _NO_TOMBSTONE,
            days=30,
        ),
        RetentionKind.CODES: KeptRule(
            "Códigos que se le enviaron",
            "Comprobar que un correo es suyo.",
            f"{_LAW}, art. 16: seguridad de los datos.",
            "después del envío; del código solo se guarda un resumen que no permite conocerlo",
            _NO_TOMBSTONE,
            days=1,
        ),
        RetentionKind.DRAFTS: KeptRule(
            "Borradores",
            "Que pueda continuar más tarde un trámite que no ha enviado.",
            f"{_LAW}, art. 13.5: su consentimiento al guardarlos.",
            "después de guardarlos por última vez",
            _NO_TOMBSTONE,
            days=30,
        ),
        RetentionKind.UPLOADS: KeptRule(
            "Archivos cargados sin presentar",
            "Recibir los archivos antes de que presente el trámite.",
            f"{_LAW}, art. 13.5: su consentimiento al cargarlos.",
            "después de cargarlos, o lo que viva el borrador que los usa",
            _NO_TOMBSTONE,
            days=1,
        ),
        RetentionKind.USED_UPLOADS: KeptRule(
            "Constancia de los archivos cargados que ya presentó",
            "Reconocer un envío repetido, para no recibirlo dos veces.",
            f"{_PROCEDURE}: recepción documental.",
            "después de presentarlos",
            "Se borra el nombre; el archivo queda en su trámite.",
            days=60,
            least_days=30,
        ),
        RetentionKind.CLIENT_KEYS: KeptRule(
            "Claves de envío",
            "Reconocer un envío repetido, para no recibirlo dos veces.",
            f"{_PROCEDURE}: recepción documental.",
            "después del envío",
            _NO_TOMBSTONE,
            days=60,
            least_days=30,
        ),
        RetentionKind.OPEN_TRAMITES: KeptRule(
            "Trámites en curso, con sus archivos",
            "Atender lo que presentó.",
            f"{_PROCEDURE}; {_LAW}, art. 14.1: funciones propias de una entidad pública.",
            "mientras el trámite esté en curso",
            "No se borra nada de un trámite en curso.",
        ),
        RetentionKind.RESOLVED_TRAMITES: KeptRule(
            "Datos de trámites atendidos",
            "Probar qué se presentó y cómo se atendió.",
            f"{_FILES}; {_PROCEDURE}, arts. 213.3 y 213.4.",
            "después de su último acto",
            "Quedan el número, las fechas, el estado y los resúmenes SHA-256; se borran nombres, contacto, asunto y "
            "textos, también en sus constancias.",
            least_days=10 * _YEAR,
            may_be_always=True,
        ),
        RetentionKind.UNDONE_TRAMITES: KeptRule(
            "Datos de trámites anulados o tenidos por no presentados",
            "Probar qué se presentó y por qué no siguió.",
            f"{_FILES}; {_PROCEDURE}, arts. 136, 213.3 y 213.4.",
            "después de su último acto",
            "Quedan el número, las fechas, el estado y los resúmenes SHA-256; se borran nombres, contacto, asunto y "
            "textos, también en sus constancias.",
            least_days=5 * _YEAR,
            may_be_always=True,
        ),
        RetentionKind.RESOLVED_FILES: KeptRule(
            "Archivos de trámites atendidos",
            "Conservar el documento presentado y su respuesta.",
            f"{_FILES}; {_PROCEDURE}, arts. 213.3 y 213.4.",
            "después del último acto del trámite",
            "Se borra el contenido; quedan el tamaño y el resumen SHA-256, para comprobar que una copia es igual.",
            days=10 * _YEAR,
            least_days=5 * _YEAR,
            may_be_always=True,
        ),
        RetentionKind.UNDONE_FILES: KeptRule(
            "Archivos de trámites anulados o tenidos por no presentados",
            "Devolverlos o volver a tomarlos en cuenta si el trámite se reabre.",
            f"{_FILES}; {_PROCEDURE}, arts. 136 y 213.3.",
            "después del último acto del trámite",
            "Se borra el contenido; quedan el tamaño y el resumen SHA-256, para comprobar que una copia es igual.",
            days=2 * _YEAR,
            least_days=2 * _YEAR,
            may_be_always=True,
        ),
        RetentionKind.RECEIPTS: KeptRule(
            "Constancias y cargos",
            "Que cualquiera que tenga la constancia pueda comprobarla.",
            f"{_PROCEDURE}: recepción documental.",
            "mientras se conserven los datos de su trámite",
            "Se borra la constancia sellada; quedan el código de verificación, las fechas, su lugar en el registro de "
            "constancias y los resúmenes SHA-256 de los archivos y de la constancia.",
        ),
        RetentionKind.NOTICES: KeptRule(
            "Avisos que se le enviaron por correo",
            "Probar que se le avisó, y de qué.",
            f"{_PROCEDURE}, art. 213.3: plazo para revisar los actos.",
            "después de enviarlos, si su trámite ya terminó",
            "Quedan la clase de aviso, su fecha y qué fue de él; se borran la dirección y el texto.",
            days=2 * _YEAR,
            least_days=_YEAR,
        ),
        RetentionKind.TASKS: KeptRule(
            "Tareas del personal sobre su cuenta o sus trámites",
            "Comunicarse con usted cuando un correo no le llega.",
            f"{_LAW}, art. 14.1: funciones propias de una entidad pública.",
            "después de cerrarlas, si su trámite ya terminó",
            "Quedan la clase de tarea y sus fechas; se borra lo anotado.",
            days=2 * _YEAR,
            least_days=_YEAR,
        ),
        RetentionKind.RECOVERIES: KeptRule(
            "Pedidos de recuperar su cuenta por datos personales",
            "Proteger su cuenta e investigar a quien quiera apropiarse de ella.",
            f"{_LAW}, art. 16: seguridad de los datos.",
            "después de resolverlos",
            "Quedan sus fechas y cómo se resolvieron; se borran correo, celular y motivo.",
            days=_YEAR,
            least_days=90,
        ),
        RetentionKind.CLAIMS: KeptRule(
            "Reclamos sobre su documento de identidad",
            "Decidir de quién es un documento de identidad.",
            f"{_LAW}, arts. 16 y 20.",
            "después de resolverlos",
            "Quedan sus fechas y cómo se resolvieron; se borran los datos de quien reclamó.",
            days=2 * _YEAR,
            least_days=_YEAR,
        ),
        RetentionKind.MAILS: KeptRule(
            "Correos recibidos que no fueron trámite",
            "Probar qué llegó al buzón y por qué no se recibió como documento.",
            f"{_PROCEDURE}: recepción documental.",
            "después de recibirlos; los que fueron trámite siguen el plazo de sus archivos",
            "Se borra el correo y lo que se escribió sobre él; quedan su fecha, su resumen SHA-256 y qué fue de él.",
            days=_YEAR,
            least_days=90,
        ),
        RetentionKind.BOUNCED_ADDRESSES: KeptRule(
            "Direcciones que ya no reciben correo",
            "No escribir a un buzón que devuelve los correos.",
            f"{_LAW}, art. 8: calidad de los datos.",
            "después de que deja de tomarse en cuenta",
            _NO_TOMBSTONE,
            days=30,
            least_days=0,
        ),
        RetentionKind.CLOSURES: KeptRule(
            "Sus pedidos de cerrar la cuenta",
            "Probar que se atendió su pedido.",
            f"{_LAW}, art. 20.",
            "siempre; no tienen más datos que sus fechas",
            "No se borran.",
        ),
        RetentionKind.REGISTER: KeptRule(
            "Registro de actos",
            "Que nadie pueda cambiar sin que se note lo que se hizo en un trámite o con una cuenta.",
            f"{_PROCEDURE}; {_LAW}, art. 16.",
            "siempre; guarda identificadores, fechas y resúmenes, sin sus datos",
            "No se borra; lo que se escribió en un acto se guarda aparte y se borra con los datos del trámite.",
        ),
        RetentionKind.READS: KeptRule(
            "Quién consultó sus datos",
            "Que se sepa quién miró lo que usted presentó, y con qué cargo.",
            f"{_LAW}, art. 16: seguridad de los datos.",
            "siempre; guarda identificadores y fechas, sin sus datos",
            "No se borra.",
        ),
        RetentionKind.SEARCHES: KeptRule(
            "Búsquedas guardadas y listas que pidió",
            "Que pueda repetir una búsqueda o descargar su resultado.",
            f"{_LAW}, art. 13.5: su consentimiento al guardarlas.",
            "hasta que las elimine o cierre su cuenta; las listas, unas horas",
            _NO_TOMBSTONE,
        ),
    }
)
"""The kinds in the order in which they are told to people."""


def _say_days(days: int) -> str:
    years, rest = divmod(days, _YEAR)
    if years and not rest:
        return f"{years} años" if years > 1 else "un año"
    return f"{days} días" if days != 1 else "un día"
