"""Service tokens: listed, made, revoked."""

from typing import Annotated

import strawberry

from actions import service_tokens
from models.people import User
from models.service_tokens import ServiceToken as Row
from reading import service_tokens as reading
from resolvers.context import Info, signed_in
from rules.service_tokens import Scope
from schema import service_tokens as api
from schema.described import takes
from schema.finding import PageInfo


@strawberry.type
class ServiceTokenQuery:
    """Which programs read."""

    @strawberry.field(
        description="The service tokens (tokens de servicio), the last made first; none for all but administrators and "
        "auditors."
    )
    async def service_tokens(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")] = None,
    ) -> api.ServiceTokenConnection:
        """Return a page."""
        page = await reading.service_tokens(await signed_in(info), first=first, after=after)
        edges = [
            api.ServiceTokenEdge(cursor=place, node=show_service_token(info, row, row.made_by))
            for place, row in zip(page.places, page.rows, strict=True)
        ]
        return api.ServiceTokenConnection(
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=after is not None,
                start_cursor=page.places[0] if page.places else None,
                end_cursor=page.places[-1] if page.places else None,
            ),
        )


@strawberry.type
class ServiceTokenMutation:
    """Make and revoke."""

    @strawberry.mutation(
        description="Make a service token (crear un token de servicio), by which a program reads. Administrators only."
    )
    async def create_service_token(
        self, info: Info, given: Annotated[api.CreateServiceTokenInput, takes("What it is to be.")]
    ) -> api.CreateServiceTokenResult:
        """Make one."""
        viewer = await signed_in(info)
        form = service_tokens.TokenForm(
            name=given.name,
            scopes=given.scopes,
            office_codes=given.office_codes,
            all_offices=given.all_offices,
            days=given.days,
        )
        made = await service_tokens.create_service_token(info.context.tools, viewer, form, client_key=given.client_key)
        shown = show_service_token(info, made.row, await User.get(id=made.row.made_by_id))
        return api.CreateServiceTokenSuccess(service_token=shown, token=made.token)

    @strawberry.mutation(
        description="Revoke a service token (revocar un token de servicio) at once. Administrators only."
    )
    async def revoke_service_token(
        self, info: Info, given: Annotated[api.RevokeServiceTokenInput, takes("Which.")]
    ) -> api.RevokeServiceTokenResult:
        """Revoke one."""
        row = await service_tokens.revoke_service_token(info.context.tools, await signed_in(info), given.id)
        return api.RevokeServiceTokenSuccess(
            service_token=show_service_token(info, row, await User.get(id=row.made_by_id))
        )


def show_service_token(info: Info, row: Row, made_by: User) -> api.ServiceToken:
    """Return a service token as the API shows it."""
    return api.ServiceToken(
        id=row.id,
        name=row.name,
        ending=row.ending,
        scopes=[Scope(scope) for scope in row.scopes],
        office_codes=row.offices,
        made_at=row.made_at,
        made_by=made_by.full_name,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        is_live=reading.is_live(row, made_by, at=info.context.tools.clock()),
    )
