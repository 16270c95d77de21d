"""Templates (plantillas): list, save, retire."""

from typing import Annotated

import strawberry

from actions import templates as actions
from reading import templates as reading
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.templates import TEMPLATE
from schema.described import takes
from schema.finding import PageInfo
from schema.templates import (
    RetireTemplateInput,
    RetireTemplateResult,
    RetireTemplateSuccess,
    SaveTemplateInput,
    SaveTemplateResult,
    SaveTemplateSuccess,
    TemplateConnection,
    TemplateEdge,
)
from schema.tramite_enums import TemplateKind


@strawberry.type
class TemplateQuery:
    """What is written already."""

    @strawberry.field(
        description="Templates (plantillas) by title: to clerks those in use for all offices and for theirs, to "
        "supervisors and auditors all; none to others."
    )
    async def templates(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")] = None,
        kind: Annotated[TemplateKind | None, strawberry.argument(description="Only templates of this kind.")] = None,
        with_retired: Annotated[
            bool, strawberry.argument(description="Whether those out of use are given too, to those who see them.")
        ] = False,
    ) -> TemplateConnection:
        """Return a page of templates."""
        viewer = await signed_in(info)
        page = await reading.page_of(viewer, first=first, after=after, kind=kind, with_retired=with_retired)
        nodes = await TEMPLATE.show(page.templates, wanted(info, "edges", "node"), await info.context.scene())
        edges = [
            TemplateEdge(cursor=reading.place_for(row), node=node)
            for row, node in zip(page.templates, nodes, strict=True)
        ]
        return TemplateConnection(
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )


@strawberry.type
class TemplateMutation:
    """Save, retire."""

    @strawberry.mutation(
        description="Write a template, or the next version of one (guardar una plantilla). Supervisors only."
    )
    async def save_template(
        self, info: Info, given: Annotated[SaveTemplateInput, takes("The template.")]
    ) -> SaveTemplateResult:
        """Save a template."""
        form = actions.TemplateForm(given.kind, given.title, given.text, given.office_code)
        row = await actions.save_template(
            info.context.tools,
            await signed_in(info),
            form,
            template_id=given.id,
            client_key=given.client_key,
            expected_version=given.expected_version,
        )
        [shown] = await TEMPLATE.show([row], wanted(info, "template"), await info.context.scene())
        return SaveTemplateSuccess(template=shown)

    @strawberry.mutation(
        description="Take a template out of use (retirar una plantilla), for good; its versions stay. Supervisors only."
    )
    async def retire_template(
        self, info: Info, given: Annotated[RetireTemplateInput, takes("The template.")]
    ) -> RetireTemplateResult:
        """Retire a template."""
        row = await actions.retire_template(info.context.tools, await signed_in(info), given.id)
        [shown] = await TEMPLATE.show([row], wanted(info, "template"), await info.context.scene())
        return RetireTemplateSuccess(template=shown)
