"""Accounts: the registration form, the address proved by a code, passwords, recovery, contact data."""

import datetime as dt
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.account_enums import IdentityKind
from schema.described import optional, says
from schema.people import User
from schema.strangers import WithIdentity, WithName


@strawberry.type(description="A kind of identity document, as the form offers it (tipo de documento de identidad).")
class IdentityKindChoice:
    """One choice."""

    kind: IdentityKind = says("What is sent as `identityKind`.")
    label: str = says("How it is called, in Spanish.")
    is_for_nationals: bool = says("Whether it is that of Peruvians (peruano) rather than of foreigners (extranjero).")
    help_text: str = says("How its number is written, in Spanish.")
    pattern: str = says("Regular expression (ECMAScript, anchored) of the number in capitals, without separators.")
    max_length: int = says("How many characters the number has at most, without separators.")
    has_check_character: bool = says("Whether its number may carry a check character (carácter de verificación).")


@strawberry.type(description="What a password (contraseña) must be; there are no rules of composition.")
class PasswordPolicy:
    """The rule."""

    min_length: int = says("How many characters it has at least: for the viewer, or for somebody who registers.")
    max_length: int = says("How many characters it has at most.")
    max_bytes: int = says("How many bytes it has at most in UTF-8 (NFC).")
    refuses_common: bool = says("Whether what is easily guessed is refused. Always true.")
    help_text: str = says("The rule in plain Spanish, for people.")


@strawberry.type(description="What the registration form (registro de usuario) shows.")
class RegistrationForm:
    """The form."""

    identity_kinds: list[IdentityKindChoice] = says("The identity documents by which people register.")
    password_policy: PasswordPolicy = says("What the password must be.")
    contact_notice: str = says("The notice beside the address, in Spanish.")
    code_digits: int = says("How many digits the code has that is sent to the address.")
    code_minutes: int = says("For how many minutes the code holds.")


@strawberry.input(description="What a person fills in first to get an account (datos personales).")
class CheckPersonalDataInput(WithName):
    """The first step."""

    birth_date: dt.date = says("Date of birth (fecha de nacimiento).")


@strawberry.type(description="The personal data can be those of somebody; whether they have an account is not told.")
class CheckPersonalDataSuccess:
    """The data as they would be kept."""

    identity_number: str = says("The number (documento de identidad) without separators and check character.")
    given_names: str = says("Given names (nombres).")
    first_surname: str = says("First surname (apellido paterno).")
    second_surname: str | None = says("Second surname (apellido materno); null for people who have one surname only.")
    birth_date: dt.date = says("Date of birth (fecha de nacimiento).")


@strawberry.input(description="The code that proves an address.")
class VerifyEmailInput(WithIdentity):
    """Identity and code."""

    code: str = says("The eight digits that were sent to the address (código de verificación del correo).")


@strawberry.type(description="The address is proved; from now on the person may file.")
class VerifyEmailSuccess:
    """Proved."""

    is_verified: bool = says("Always true.")


@strawberry.input(description="Whose address is to be proved.")
class ResendVerificationInput(WithIdentity):
    """Identity."""


@strawberry.type(description="The wish for a new code was received.")
class ResendVerificationSuccess:
    """Received."""

    is_received: bool = says("Always true. Whether a code was sent, or one was sent too short ago, is not told.")


@strawberry.input(description="Who lost their password, and will be written to at the address on record.")
class RequestRecoveryInput(WithIdentity):
    """Identity."""


@strawberry.type(description="The wish to recover an account was received.")
class RequestRecoverySuccess:
    """Received."""

    is_received: bool = says(
        "Always true. Whether there is such an account is not told, not even by the time it takes."
    )


@strawberry.input(description="The code that recovers an account, and the new password.")
class ResetPasswordInput(WithIdentity):
    """Identity, code, password."""

    code: str = says("The eight digits that were sent to the address on record (código de restauración).")
    new_password: str = says("The new password (contraseña) as `passwordPolicy` says.")


@strawberry.type(description="The password is the new one. All sessions have ended: sign in next.")
class ResetPasswordSuccess:
    """Changed."""

    is_changed: bool = says("Always true.")


@strawberry.input(description="How the viewer changes their password.")
class ChangePasswordInput:
    """Old and new."""

    current_password: str = says("The password (contraseña) of now.")
    new_password: str = says("The new one, as `passwordPolicy` says.")


@strawberry.type(description="The password is the new one. The viewer's other sessions have ended.")
class ChangePasswordSuccess:
    """Changed."""

    is_changed: bool = says("Always true.")


@strawberry.input(description="How the viewer wants to be reached; what is left out stays.")
class ChangeContactInput:
    """New contact data."""

    current_password: str = says("The password (contraseña) of now.")
    email: str | None = optional("New address (correo electrónico); in force once its code is confirmed.")
    mobile: str | None = optional("New mobile number (celular); in force at once.")


@strawberry.type(description="The contact data were changed, as far as they do not wait for a code.")
class ChangeContactSuccess:
    """Changed."""

    user: User = says("The viewer as of now; a new address is not yet shown.")
    awaits_code: bool = says("Whether a code was sent to a new address, to be given to `confirmEmailChange`.")


@strawberry.input(description="The code that puts a new address in force.")
class ConfirmEmailChangeInput:
    """The code."""

    code: str = says("The eight digits that were sent to the new address (código de verificación del correo).")


@strawberry.type(description="The new address is in force.")
class ConfirmEmailChangeSuccess:
    """Changed."""

    user: User = says("The viewer as of now.")


CheckPersonalDataResult: TypeAlias = Annotated[
    CheckPersonalDataSuccess | refusals.InvalidInput | refusals.TooManyRequests,
    strawberry.union("CheckPersonalDataResult", description="Answer to the first step of a registration."),
]
VerifyEmailResult: TypeAlias = Annotated[
    VerifyEmailSuccess | refusals.InvalidInput | refusals.TooManyRequests,
    strawberry.union("VerifyEmailResult", description="Answer to the code of an address."),
]
ResendVerificationResult: TypeAlias = Annotated[
    ResendVerificationSuccess | refusals.InvalidInput | refusals.TooManyRequests,
    strawberry.union("ResendVerificationResult", description="Answer to the wish for a new code."),
]
RequestRecoveryResult: TypeAlias = Annotated[
    RequestRecoverySuccess | refusals.InvalidInput | refusals.TooManyRequests,
    strawberry.union("RequestRecoveryResult", description="Answer to the wish to recover an account."),
]
ResetPasswordResult: TypeAlias = Annotated[
    ResetPasswordSuccess | refusals.InvalidInput | refusals.TooManyRequests,
    strawberry.union("ResetPasswordResult", description="Answer to a new password by a code."),
]
ChangePasswordResult: TypeAlias = Annotated[
    ChangePasswordSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.TooManyRequests,
    strawberry.union("ChangePasswordResult", description="Answer to a change of password."),
]
ChangeContactResult: TypeAlias = Annotated[
    ChangeContactSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.TooManyRequests,
    strawberry.union("ChangeContactResult", description="Answer to a change of contact data."),
]
ConfirmEmailChangeResult: TypeAlias = Annotated[
    ConfirmEmailChangeSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.TooManyRequests,
    strawberry.union("ConfirmEmailChangeResult", description="Answer to the code of a new address."),
]
