"""Accounts besides signing in: the form, the address proved, passwords, recovery, contact data."""

from dataclasses import asdict
from typing import Annotated, Any

import strawberry

from actions import accounts, addresses, passwords, recovery
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes import accounts as shapes
from resolvers.shapes.people import USER
from rules.access import Role
from rules.passwords import standing_of
from schema import accounts as api
from schema.described import takes


@strawberry.type
class AccountQuery:
    """What forms need to know."""

    @strawberry.field(description="The identity documents by which people register (tipos de documento de identidad).")
    def identity_kinds(self) -> list[api.IdentityKindChoice]:
        """Return the table."""
        return shapes.identity_kinds()

    @strawberry.field(description="What the password of the viewer, or of somebody who registers, must be.")
    async def password_policy(self, info: Info) -> api.PasswordPolicy:
        """Return the rule."""
        viewer = await info.context.viewer()
        role, has_second_factor = (
            (viewer.appointed_role, viewer.has_second_factor) if viewer else (Role.APPLICANT, False)
        )
        return shapes.password_policy(standing_of(role, has_second_factor=has_second_factor))

    @strawberry.field(description="What the registration form (registro de usuario) shows.")
    def registration_form(self) -> api.RegistrationForm:
        """Return the form."""
        return shapes.registration_form()


@strawberry.type
class AccountMutation:
    """Register in two steps, recover, change."""

    @strawberry.mutation(
        description="First step of registering («Continuar»): check personal data. Changes nothing, and never tells "
        "whether they have an account."
    )
    async def check_personal_data(
        self, info: Info, given: Annotated[api.CheckPersonalDataInput, takes("The personal data.")]
    ) -> api.CheckPersonalDataResult:
        """Check."""
        fields: dict[str, Any] = asdict(given) | {"second_surname": given.second_surname or ""}
        proof = fields.pop("proof")
        form = accounts.PersonalData(**fields)
        cleaned = await accounts.check_personal_data(info.context.tools, form, client=info.context.client, proof=proof)
        return shapes.personal_data(cleaned)

    @strawberry.mutation(
        description="Prove an address (verificar el correo) by the code sent to it; five tries, 30 minutes."
    )
    async def verify_email(
        self, info: Info, given: Annotated[api.VerifyEmailInput, takes("The code.")]
    ) -> api.VerifyEmailResult:
        """Prove."""
        form = addresses.Verification(**asdict(given))
        await addresses.verify_email(info.context.tools, form, client=info.context.client)
        return api.VerifyEmailSuccess(is_verified=True)

    @strawberry.mutation(description="Ask for a new code to prove an address; the earlier one is worth nothing then.")
    async def resend_verification(
        self, info: Info, given: Annotated[api.ResendVerificationInput, takes("Whose address.")]
    ) -> api.ResendVerificationResult:
        """Send anew."""
        form = addresses.IdentityForm(**asdict(given))
        await addresses.resend_verification(info.context.tools, form, client=info.context.client)
        return api.ResendVerificationSuccess(is_received=True)

    @strawberry.mutation(
        description="Recover an account by e-mail (recuperación de clave por correo electrónico): a code goes to the "
        "address on record. An identity without an account is answered alike."
    )
    async def request_recovery(
        self, info: Info, given: Annotated[api.RequestRecoveryInput, takes("Whose account.")]
    ) -> api.RequestRecoveryResult:
        """Send a code."""
        form = addresses.IdentityForm(**asdict(given))
        await recovery.request_recovery(info.context.tools, form, client=info.context.client)
        return api.RequestRecoverySuccess(is_received=True)

    @strawberry.mutation(
        description="Set a new password by the code that was sent; signs nobody in, ends all sessions."
    )
    async def reset_password(
        self, info: Info, given: Annotated[api.ResetPasswordInput, takes("Code and new password.")]
    ) -> api.ResetPasswordResult:
        """Set the password."""
        form = recovery.PasswordReset(**asdict(given))
        await recovery.reset_password(info.context.tools, form, client=info.context.client)
        return api.ResetPasswordSuccess(is_changed=True)

    @strawberry.mutation(description="Change one's password (cambiar la contraseña); other sessions end.")
    async def change_password(
        self, info: Info, given: Annotated[api.ChangePasswordInput, takes("Old and new password.")]
    ) -> api.ChangePasswordResult:
        """Change it."""
        viewer, change = await signed_in(info), passwords.PasswordChange(**asdict(given))
        await passwords.change_password(info.context.tools, viewer, change, client=info.context.client)
        return api.ChangePasswordSuccess(is_changed=True)

    @strawberry.mutation(
        description="Change how one is reached (datos de contacto). A mobile changes at once; an address only once "
        "the code sent to it is confirmed. Trámites keep the contact data that they were filed with."
    )
    async def change_contact(
        self, info: Info, given: Annotated[api.ChangeContactInput, takes("New contact data.")]
    ) -> api.ChangeContactResult:
        """Change them."""
        viewer, change = await signed_in(info), addresses.ContactChange(**asdict(given))
        changed = await addresses.change_contact(info.context.tools, viewer, change, client=info.context.client)
        [user] = await USER.show([changed.user], wanted(info, "user"), await info.context.scene())
        return api.ChangeContactSuccess(user=user, awaits_code=changed.awaits_code)

    @strawberry.mutation(description="Put a new address in force (confirmar el correo nuevo) by the code sent to it.")
    async def confirm_email_change(
        self, info: Info, given: Annotated[api.ConfirmEmailChangeInput, takes("The code.")]
    ) -> api.ConfirmEmailChangeResult:
        """Put it in force."""
        tools, viewer = info.context.tools, await signed_in(info)
        changed = await addresses.confirm_email_change(tools, viewer, code=given.code, client=info.context.client)
        [user] = await USER.show([changed], wanted(info, "user"), await info.context.scene())
        return api.ConfirmEmailChangeSuccess(user=user)
