"""People and their sessions."""

import datetime as dt

import strawberry

from schema.account_enums import IdentityKind, Role
from schema.catalogue import Office
from schema.described import says
from schema.node import Node
from schema.scalars import Dni, EmailAddress
from schema.strangers import WithName


@strawberry.type(description="The second factor (verificación en dos pasos) of the viewer.")
class SecondFactor:
    """How it stands."""

    is_enrolled: bool = says("Whether the account has one.")
    is_passed: bool = says("Whether it was shown in this session.")
    is_required: bool = says("Whether the account must have one for its role to count: staff.")
    recovery_codes_left: int = says("How many recovery codes (códigos de respaldo) are not used yet.")


@strawberry.type(description="A person with an account, as they see themselves.")
class User(Node):
    """The viewer."""

    identity_kind: IdentityKind = says("Kind of their identity document (tipo de documento de identidad).")
    identity_number: str = says("Number of their identity document; with the kind it identifies the person.")
    dni: Dni | None = says("The same number if it is that of a DNI; null for who has another document.")
    given_names: str = says("Given names (nombres).")
    first_surname: str = says("First surname (apellido paterno).")
    second_surname: str | None = says("Second surname (apellido materno); null for people who have one surname only.")
    full_name: str = says("Given names and surnames, as they are read aloud.")
    email: EmailAddress = says("Address for notices (correo electrónico).")
    is_email_verified: bool = says("Whether the address was proved by a code; nobody files before (correo verificado).")
    mobile: str = says("Mobile number (celular) in E.164.")
    wants_courtesy_notices: bool = says("Whether they want courtesy notices by mail (avisos de cortesía).")
    role: Role = says("What counts in this session; staff are applicants while no second factor was shown in it.")
    appointed_role: Role = says("What the account is at the counter (cargo) once a second factor was shown.")
    second_factor: SecondFactor = says("How it stands with the second factor (verificación en dos pasos).")
    offices: list[Office] = says("Offices (dependencias) that they serve in this session; empty for applicants.")


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
