"""What `run` presumes so that nothing need be set, and the people for trying the counter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesadepartes.settings import Settings
from mesadepartes.variables import Part
from rules.access import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCAL = "127.0.0.1"
PRESUMED = {
    "MESA_SMTP_PORT": "2525",
    "MESA_IMAP_PORT": "1143",
    "MESA_MAIL_ADDRESS": "mesadepartes@entidad.example",
    "MESA_ENTITY_NAME": "Entidad de Ejemplo",
    "MESA_GRAPHIQL": "yes",
    "MESA_PAGES_FOLLOW_EDITS": "yes",
    "MESA_SECURITY_CHECK_WORK": "10",
}
FIXED = {
    "MESA_SMTP_HOST": LOCAL,
    "MESA_SMTP_TLS": "off",
    "MESA_IMAP_HOST": LOCAL,
    "MESA_IMAP_TLS": "off",
}
"""Whatever is set: mail goes to the development server and nowhere else, so nobody outside is ever written to."""
DROPPED = (
    "MESA_SMTP_USER", "MESA_SMTP_PASSWORD", "MESA_SMTP_PASSWORD_FILE", "MESA_HEALTH_PORT", "MESA_MAILBOXES",
    "MESA_SEAL_CERTIFICATE", "MESA_SEAL_KEY", "MESA_SEAL_PASSWORD", "MESA_SEAL_PASSWORD_FILE", "MESA_SEAL_MODULE",
)  # fmt: skip
"""Nothing is sealed with the institution's own seal where everybody may sign in."""

SEAL_FOLDER, AUTHORITY_FILE = "seal", "ca.pem"
"""Where the seal for development is kept, and the certificate of the authority that vouches for it."""


def development_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return *environ* with what `run` presumes and fixes."""
    given = {name: value for name, value in environ.items() if value and name not in DROPPED}
    merged = PRESUMED | given | FIXED
    merged["MESA_IMAP_USER"] = merged["MESA_MAIL_ADDRESS"]
    host, port = merged.get("MESA_HTTP_HOST", LOCAL), merged.get("MESA_HTTP_PORT", "8000")
    merged.setdefault("MESA_PUBLIC_URL", f"http://{LOCAL if host == '0.0.0.0' else host}:{port}")  # noqa: S104
    return merged


def development_settings(environ: Mapping[str, str], *parts: Part) -> Settings:
    """
    Return the settings of `run`.

    Raises:
        WrongSettings: with every mistake at once.
    """
    return Settings.from_environ(development_environ(environ), needed=frozenset(parts))


@dataclass(frozen=True)
class TrialPerson:
    """Somebody who exists only where `run` does; staff have a *seed*, from which the codes of their telephone come."""

    dni: str
    given_names: str
    first_surname: str
    second_surname: str
    email: str
    mobile: str
    password: str
    role: Role = Role.APPLICANT
    seed: str | None = None


APPLICANT = TrialPerson(
    dni="70000001",
    given_names="Rosa",
    first_surname="Quispe",
    second_surname="Mamani",
    email="rosa.quispe@ciudadana.example",
    mobile="900000001",
    password="presentar es un derecho",  # noqa: S106 - meant to be known
)
CLERK = TrialPerson(
    dni="70000002",
    given_names="Julio",
    first_surname="Huamán",
    second_surname="Ríos",
    email="julio.huaman@entidad.example",
    mobile="900000002",
    password="recibir es un deber",  # noqa: S106 - meant to be known
    role=Role.CLERK,
    seed="MESADEPARTES2DEMO2CODES2CLERK222",
)
SUPERVISOR = TrialPerson(
    dni="70000003",
    given_names="Carmen",
    first_surname="Flores",
    second_surname="Rojas",
    email="carmen.flores@entidad.example",
    mobile="900000003",
    password="revisar es cuidar",  # noqa: S106 - meant to be known
    role=Role.SUPERVISOR,
    seed="MESADEPARTES2DEMO2CODES2SUPERV22",
)
ADMINISTRATOR = TrialPerson(
    dni="70000004",
    given_names="Víctor",
    first_surname="Condori",
    second_surname="Paz",
    email="victor.condori@entidad.example",
    mobile="900000004",
    password="ordenar es servir",  # noqa: S106 - meant to be known
    role=Role.ADMINISTRATOR,
    seed="MESADEPARTES2DEMO2CODES2ADMIN222",
)
AUDITOR = TrialPerson(
    dni="70000005",
    given_names="Elena",
    first_surname="Vargas",
    second_surname="Soto",
    email="elena.vargas@entidad.example",
    mobile="900000005",
    password="mirar es confiar",  # noqa: S106 - meant to be known
    role=Role.AUDITOR,
    seed="MESADEPARTES2DEMO2CODES2AUDIT222",
)
PEOPLE = (APPLICANT, CLERK, SUPERVISOR, ADMINISTRATOR, AUDITOR)
