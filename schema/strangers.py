"""What inputs of people who are not signed in have in common; they inherit it, it is no type of the API itself."""

import strawberry

from schema.account_enums import IdentityKind
from schema.described import optional, says


@strawberry.input
class WithProof:
    """Something a stranger may try."""

    proof: str | None = optional("Answer to the security check (casilla de seguridad), where one is asked for.")


@strawberry.input
class WithIdentity(WithProof):
    """Tried by, or on behalf of, somebody named by an identity document."""

    identity_kind: IdentityKind = says("Kind of identity document (tipo de documento de identidad).")
    identity_number: str = says("Its number (documento de identidad); a DNI of 8 digits may carry its check character.")


@strawberry.input
class WithName(WithIdentity):
    """The same, and how the person is called."""

    given_names: str = says("Given names (nombres), as in the document; case, accents and spaces tell nobody apart.")
    first_surname: str = says("First surname (apellido paterno).")
    second_surname: str | None = optional("Second surname (apellido materno), if there is one.")
