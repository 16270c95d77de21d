"""Templates (plantillas) that staff write once and use again and again."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.catalogue import Office
from schema.colleagues import Colleague
from schema.described import asks_once, optional, says
from schema.finding import PageInfo
from schema.node import Node
from schema.tramite_enums import TemplateKind


@strawberry.type(description="A template as it was saved once (versión de una plantilla).")
class TemplateVersion:
    """A version."""

    version: int = says("Its number, from 1.")
    title: str = says("By which name it was chosen.")
    text: str = says("What it said.")
    saved_at: dt.datetime = says("When it was saved.")
    saved_by: Colleague = says("Who saved it.")


@strawberry.type(description="A sentence that staff use again and again (plantilla).")
class Template(Node):
    """A template."""

    kind: TemplateKind = says("What it is for.")
    version: int = says("Number of the version that is shown.")
    title: str = says("By which name it is chosen.")
    text: str = says("What it says.")
    office: Office | None = says("The office (dependencia) that it is for; null if it is for all.")
    retired_at: dt.datetime | None = says("When it was taken out of use (retirada); null while it is in use.")
    versions: list[TemplateVersion] = says("Its versions, the first one first; the latest 50.")


@strawberry.type(description="A template in a list.")
class TemplateEdge:
    """An entry of a page."""

    cursor: str = says("Its place in the list; opaque.")
    node: Template = says("The template.")


@strawberry.type(description="A page of templates, by title.")
class TemplateConnection:
    """A page."""

    edges: list[TemplateEdge] = says("The templates of this page.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.input(description="A template to be written or changed (guardar una plantilla).")
class SaveTemplateInput:
    """A template."""

    client_key: uuid.UUID = asks_once()
    id: uuid.UUID | None = optional("Id of the template to be changed; left out for a new one.")
    expected_version: int | None = optional(
        "Version as it was seen; if another was saved by now, nothing is. Left out: whichever."
    )
    kind: TemplateKind = says("What it is for; that of a template which is changed stays.")
    title: str = says("By which name it is chosen, up to 120 characters.")
    text: str = says("What it says: up to 500 characters for a point of an observation, else up to 4000.")
    office_code: str | None = optional("Code of the office (dependencia) that it is for; left out for all.")


@strawberry.type(description="The template is saved as a version.")
class SaveTemplateSuccess:
    """Saved."""

    template: Template = says("The template as it is now.")


@strawberry.input(description="A template to be taken out of use (retirar una plantilla), for good.")
class RetireTemplateInput:
    """A template."""

    id: uuid.UUID = says("Id of the template.")


@strawberry.type(description="The template is out of use.")
class RetireTemplateSuccess:
    """Retired."""

    template: Template = says("The template as it is now.")


SaveTemplateResult: TypeAlias = Annotated[
    SaveTemplateSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict,
    strawberry.union("SaveTemplateResult", description="Answer to the saving of a template."),
]
RetireTemplateResult: TypeAlias = Annotated[
    RetireTemplateSuccess | refusals.NotSignedIn | refusals.NotAllowed | refusals.NotFound,
    strawberry.union("RetireTemplateResult", description="Answer to the retirement of a template."),
]
