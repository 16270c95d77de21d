"""People and their sessions."""

import datetime as dt
import uuid

import strawberry

from schema.catalogue import Office
from schema.described import says
from schema.enums import IdentityKind, Role
from schema.scalars import EmailAddress
from schema.strangers import WithName


@strawberry.type(description="A person with an account, as they see themselves.")
class User:
    """The viewer."""

    id: uuid.UUID = says("Their id.")
    identity_kind: IdentityKind = says("Kind of their identity document (tipo de documento de identidad).")
    identity_number: str = says("Number of their identity document; with the kind it identifies the person.")
    given_names: str = says("Given names (nombres).")
    first_surname: str = says("First surname (apellido paterno).")
    second_surname: str | None = says("Second surname (apellido materno); null for people who have one surname only.")
    full_name: str = says("Given names and surnames, as they are read aloud.")
    email: EmailAddress = says("Address for notices (correo electrónico).")
    is_email_verified: bool = says("Whether the address was proved by a code; nobody files before (correo verificado).")
    mobile: str = says("Mobile number (celular) in E.164.")
    wants_courtesy_notices: bool = says("Whether they want courtesy notices by mail (avisos de cortesía).")
    role: Role = says("What the account is at the counter.")
    offices: list[Office] = says("Offices (dependencias) that a member of staff serves; empty for applicants.")


@strawberry.input(description="What a person fills in to get an account.")
class RegisterInput(WithName):
    """A registration."""

    birth_date: dt.date = says("Date of birth (fecha de nacimiento).")
    email: str = says("Address for notices (correo electrónico).")
    mobile: str = says("Mobile number (celular); nine digits, or with + and the country's prefix.")
    password: str = says("Password (contraseña) as `passwordPolicy` says; a phrase is right.")


@strawberry.type(description="The registration was received.")
class RegisterSuccess:
    """Received."""

    is_received: bool = says(
        "Always true. Whether the identity had an account already is not told here: its holder is told by e-mail."
    )
