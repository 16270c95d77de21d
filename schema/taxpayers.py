"""What can be said of a RUC."""

import datetime as dt

import strawberry

from schema.described import says


@strawberry.type(
    description="What is known of a RUC: by its check digit always, by SUNAT's published register when it is loaded."
)
class RucValidation:
    """The answer to «Validar RUC»."""

    is_well_formed: bool = says("Whether it has eleven digits, of which the last one checks the others.")
    problem: str | None = says(
        "What to look at again, in plain Spanish, for people; null if nothing. Only a RUC that is not well formed is "
        "refused in a filing."
    )
    is_register_loaded: bool = says(
        "Whether SUNAT's published register (padrón reducido) is loaded; if not, only the form was checked."
    )
    register_date: dt.date | None = says("The date of the register that is loaded; null if none is.")
    name: str | None = says("Name (nombre o razón social) in the register; null unless found.")
    state: str | None = says("State (estado) in SUNAT's words, such as ACTIVO or BAJA DE OFICIO; null unless found.")
    condition: str | None = says(
        "Condition of the address (condición de domicilio) in SUNAT's words, such as HABIDO; null unless found."
    )
