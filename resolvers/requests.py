"""Requests about accounts: recovery by personal data, claims of an identity, and what staff decide of both."""

from dataclasses import asdict
from typing import Annotated, Any

import strawberry

from actions import claim_decisions, identity_claims, reads, recovery_decisions, recovery_requests
from reading import requests as reading
from resolvers.context import Info, signed_in
from resolvers.shapes import requests as shapes
from rules.reads import ReadKind
from schema import requests as api
from schema.account_enums import ClaimState, RecoveryState
from schema.described import takes

First = Annotated[int, strawberry.argument(description="How many, from 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")]
Number = Annotated[
    str | None, strawberry.argument(description="Only those about this number of a document (documento de identidad).")
]


async def _note(info: Info, kind: ReadKind, page: reading.Page[Any], identity_number: str | None) -> None:
    viewer, ids = await signed_in(info), [row.id for row in page.rows]
    await reads.note_list(info.context.tools, viewer, kind, ids, by_person=identity_number is not None)


@strawberry.type
class RequestQuery:
    """What waits, and what became of it."""

    @strawberry.field(
        description="Recoveries by personal data, the one asked first first. For clerks, supervisors and auditors; to "
        "others there are none."
    )
    async def recovery_requests(
        self,
        info: Info,
        state: Annotated[RecoveryState, strawberry.argument(description="Only those in this state.")] = (
            RecoveryState.WAITING
        ),
        identity_number: Number = None,
        first: First = 20,
        after: After = None,
    ) -> api.RecoveryRequestConnection:
        """Return one page."""
        viewer = await signed_in(info)
        page = await reading.recoveries_page(
            viewer, state=state, identity_number=identity_number, first=first, after=after
        )
        await _note(info, ReadKind.RECOVERY_REQUESTS, page, identity_number)
        return shapes.recoveries(page)

    @strawberry.field(
        description="Claims of an identity, the one made first first. For supervisors and auditors; to others there "
        "are none."
    )
    async def identity_claims(
        self,
        info: Info,
        state: Annotated[ClaimState, strawberry.argument(description="Only those in this state.")] = ClaimState.WAITING,
        identity_number: Number = None,
        first: First = 20,
        after: After = None,
    ) -> api.IdentityClaimConnection:
        """Return one page."""
        viewer = await signed_in(info)
        page = await reading.claims_page(viewer, state=state, identity_number=identity_number, first=first, after=after)
        await _note(info, ReadKind.IDENTITY_CLAIMS, page, identity_number)
        return shapes.claims(page)

    @strawberry.field(
        description="The recovery by personal data of the viewer's own account that waits; null if none does."
    )
    async def own_recovery(self, info: Info) -> api.OwnRecovery | None:
        """Return it."""
        row = await reading.recovery_of(await signed_in(info))
        return shapes.own_recovery(row) if row else None


@strawberry.type
class RequestMutation:
    """Ask, stop, decide."""

    @strawberry.mutation(
        description="Recover an account by personal data (recuperación de clave por datos personales). The data prove "
        "nothing: they only open a request, of which the address on record is told at once. It takes effect after a "
        "delay in which that address or staff can stop it, or when staff approve it at the desk."
    )
    async def request_recovery_by_data(
        self, info: Info, given: Annotated[api.RequestRecoveryByDataInput, takes("Personal data and new password.")]
    ) -> api.RequestRecoveryByDataResult:
        """Ask."""
        fields: dict[str, Any] = asdict(given) | {"second_surname": given.second_surname or ""}
        form = recovery_requests.DataRecovery(**fields)
        reference = await recovery_requests.request_recovery_by_data(
            info.context.tools, form, client=info.context.client
        )
        return api.RequestRecoveryByDataSuccess(is_received=True, reference=reference)

    @strawberry.mutation(description="Stop a recovery by personal data, by the code of the mail that told of it.")
    async def stop_recovery(
        self, info: Info, given: Annotated[api.StopRecoveryInput, takes("The code.")]
    ) -> api.StopRecoveryResult:
        """Stop."""
        await recovery_requests.stop_recovery(info.context.tools, token=given.token)
        return api.StopRecoverySuccess(is_stopped=True)

    @strawberry.mutation(
        description="Decide a recovery by personal data, once. Clerks and supervisors, never about their own account; "
        "that of staff a supervisor only."
    )
    async def decide_recovery(
        self, info: Info, given: Annotated[api.DecideRecoveryInput, takes("The decision.")]
    ) -> api.DecideRecoveryResult:
        """Decide."""
        viewer = await signed_in(info)
        verdict = recovery_decisions.Verdict(given.decision, given.reason, given.reference)
        row = await recovery_decisions.decide_recovery(info.context.tools, viewer, given.id, verdict)
        return api.DecideRecoverySuccess(request=shapes.recovery(row))

    @strawberry.mutation(
        description="Claim an identity that somebody else registered (reclamar un documento de identidad). The account "
        "is frozen as a rule, staff decide, and nothing that was filed is lost."
    )
    async def claim_identity(
        self, info: Info, given: Annotated[api.ClaimIdentityInput, takes("The claim.")]
    ) -> api.ClaimIdentityResult:
        """Claim."""
        fields: dict[str, Any] = asdict(given) | {"second_surname": given.second_surname or ""}
        form = identity_claims.ClaimForm(**fields)
        await identity_claims.claim_identity(info.context.tools, form, client=info.context.client)
        return api.ClaimIdentitySuccess(is_received=True)

    @strawberry.mutation(
        description="Freeze the account of a claim that did not freeze it by itself (suspender la cuenta). Supervisors "
        "only."
    )
    async def freeze_claimed_account(
        self, info: Info, given: Annotated[api.FreezeClaimedAccountInput, takes("The claim.")]
    ) -> api.FreezeClaimedAccountResult:
        """Freeze."""
        viewer = await signed_in(info)
        row = await claim_decisions.freeze_claimed_account(info.context.tools, viewer, given.id)
        return api.FreezeClaimedAccountSuccess(claim=shapes.claim(row))

    @strawberry.mutation(
        description="Decide a claim of an identity, once. Supervisors, never about their own account. Trámites stay "
        "with the account by which they were filed."
    )
    async def decide_identity_claim(
        self, info: Info, given: Annotated[api.DecideIdentityClaimInput, takes("The decision.")]
    ) -> api.DecideIdentityClaimResult:
        """Decide."""
        viewer = await signed_in(info)
        verdict = claim_decisions.Verdict(given.decision, given.reason, given.reference)
        row = await claim_decisions.decide_identity_claim(info.context.tools, viewer, given.id, verdict)
        return api.DecideIdentityClaimSuccess(claim=shapes.claim(row))
