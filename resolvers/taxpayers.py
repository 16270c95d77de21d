"""What SUNAT's register says."""

from typing import Annotated

import strawberry

from reading.taxpayers import check_ruc
from resolvers.context import Info, signed_in
from resolvers.shapes.taxpayers import show_finding
from schema.taxpayers import RucValidation


@strawberry.type
class TaxpayerQuery:
    """Validar RUC."""

    @strawberry.field(description="What is known of a RUC (validar RUC); for people who are signed in.")
    async def validate_ruc(
        self,
        info: Info,
        ruc: Annotated[str, strawberry.argument(description="The RUC as it was typed.")],
    ) -> RucValidation:
        """Check a RUC."""
        await signed_in(info)
        return show_finding(await check_ruc(ruc))
