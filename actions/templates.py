"""Templates (plantillas): saved as versions of which none is lost, and taken out of use."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from actions import register
from actions.client_keys import claim
from actions.filing_forms import UnknownOffice
from actions.register import Record
from actions.transaction import tx
from models.desk import Template, TemplateVersion
from reading.catalogue import find_office
from rules.duties import Duty, check_duty
from rules.refusals import Checks
from rules.register import Act
from rules.templates import NoSuchTemplate, TemplateChanged, TemplateRetired, clean_template, clean_title

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.templates import TemplateKind


@dataclass(frozen=True)
class TemplateForm:
    """A template as typed; of all offices if none is named."""

    kind: TemplateKind
    title: str
    text: str
    office_code: str | None = None


async def save_template(
    tools: Tools,
    viewer: Viewer,
    form: TemplateForm,
    *,
    template_id: UUID | None = None,
    expected_version: int | None = None,
    client_key: UUID | None = None,
) -> Template:
    """
    Write a template, or the next version of one; what was observed or answered with it stays as it was sent.

    Its kind never changes: that of a later version is the first one's.

    Raises:
        NotYourDuty: the viewer does not edit templates.
        InvalidInput: for every field that does not hold what it must; UnknownOffice too.
        NoSuchTemplate, TemplateRetired: what they say.
        TemplateChanged: it is no longer of the *expected_version*.
        KeyReused: the client key was used for something else.
    """
    check_duty(viewer.role, Duty.EDIT_TEMPLATES)
    office = await find_office(form.office_code) if form.office_code is not None else None
    if form.office_code is not None and office is None:
        raise UnknownOffice().at("officeCode")
    new_id = template_id or uuid4()
    asked = {"act": "saveTemplate", "id": template_id, "version": expected_version, **asdict(form)}
    async with tx() as connection:
        if earlier := await claim(connection, viewer, client_key, makes_id=new_id, at=tools.clock(), asked=asked):
            return await Template.get(id=earlier)
        is_new = template_id is None
        template = Template(id=new_id, kind=form.kind) if is_new else await _lock(new_id, expected_version)
        template.title, template.text = _checked(form, template.kind)
        template.office_id = office.id if office else None
        template.version = 1 if is_new else template.version + 1
        await template.save(force_create=is_new)
        await _keep(tools, viewer, template)
        await _record(connection, tools, viewer, template, act=Act.TEMPLATE_SAVED)
    return template


async def retire_template(tools: Tools, viewer: Viewer, template_id: UUID) -> Template:
    """
    Take a template out of use, for good; its versions stay. One that is retired already is answered as it is.

    Raises:
        NotYourDuty: the viewer does not edit templates.
        NoSuchTemplate: there is none.
    """
    check_duty(viewer.role, Duty.EDIT_TEMPLATES)
    async with tx() as connection:
        template = await Template.filter(id=template_id).select_for_update().get_or_none()
        if template is None:
            raise NoSuchTemplate
        if template.retired_at is None:
            template.retired_at = tools.clock()
            await template.save(update_fields=["retired_at"])
            await _record(connection, tools, viewer, template, act=Act.TEMPLATE_RETIRED)
    return template


async def _lock(template_id: UUID, expected_version: int | None) -> Template:
    template = await Template.filter(id=template_id).select_for_update().get_or_none()
    if template is None:
        raise NoSuchTemplate
    if template.retired_at is not None:
        raise TemplateRetired
    if expected_version not in (None, template.version):
        raise TemplateChanged
    return template


def _checked(form: TemplateForm, kind: TemplateKind) -> tuple[str, str]:
    checks = Checks()
    title = checks.take("title", clean_title, form.title)
    text = checks.take("text", lambda text: clean_template(text, kind), form.text)
    checks.refuse_any()
    assert title is not None
    assert text is not None
    return title, text


async def _keep(tools: Tools, viewer: Viewer, template: Template) -> None:
    await TemplateVersion.create(
        template=template,
        version=template.version,
        title=template.title,
        text=template.text,
        office_id=template.office_id,
        saved_at=tools.clock(),
        saved_by_id=viewer.user_id,
    )


async def _record(
    connection: TransactionWrapper, tools: Tools, viewer: Viewer, template: Template, *, act: Act
) -> None:
    detail = {
        "template": str(template.id),
        "kind": template.kind.value,
        "version": template.version,
        "office": str(template.office_id) if template.office_id else None,
        "sha256": hashlib.sha256(f"{template.title}\n{template.text}".encode()).hexdigest(),
    }
    await register.append(connection, Record(act, tools.clock(), viewer.role, actor_id=viewer.user_id, detail=detail))
