"""Who comes is judged at each root field, by its rule, before its resolver is called."""

from __future__ import annotations

from inspect import isawaitable
from typing import Any

from strawberry.extensions import FieldExtension
from strawberry.types.base import StrawberryObjectDefinition

from resolvers.authorization import rule_of
from resolvers.context import Context, Info
from resolvers.programs import check_program
from rules.authorization import Rule, check_admission
from rules.refusals import NotSignedIn
from rules.second_factors import SecondFactorMissing


class Guard(FieldExtension):
    """Refuses who may not come at all; what depends on the thing asked for is judged where it is found."""

    def resolve(self, next_: Any, source: Any, info: Info, **arguments: Any) -> Any:
        """Let anybody through to what waits for nothing; nobody to anything else, for who it is would take a query."""
        rule = _rule(info)
        if rule.needs_session or (info.context.is_program and not rule.is_open_to(())):
            raise NotSignedIn
        return next_(source, info, **arguments)

    async def resolve_async(self, next_: Any, source: Any, info: Info, **arguments: Any) -> Any:
        """Judge who is signed in."""
        if info.context.is_program:
            asked = info._raw_info  # pyright: ignore[reportPrivateUsage] - all of the document, not only this root
            check_program(await info.context.viewer(), asked.schema, asked.operation, asked.fragments)
        await admit(info.context, _rule(info), changes=info.path.typename == "Mutation")
        found = next_(source, info, **arguments)
        return await found if isawaitable(found) else found


async def admit(context: Context, rule: Rule, *, changes: bool = False) -> None:
    """
    Let whoever is signed in come to a root field of that rule.

    Raises:
        Refusal: they may not.
    """
    if rule.needs_session:
        holder = await context.holder()
        if holder and holder.awaits_second_factor and rule.needs_second_factor:
            raise SecondFactorMissing
        check_admission(rule, holder.role if holder else None, changes=changes)


def _rule(info: Info) -> Rule:
    return rule_for(info.path.typename or "", info.field_name)


def rule_for(root: str, field_name: str) -> Rule:
    """Return the rule of a root field; one without is shut before it comes to this."""
    rule = rule_of(root, field_name)
    if rule is None:
        raise NotSignedIn
    return rule


def guard(*roots: type) -> None:
    """Put a guard before every field of the *roots*, once."""
    for root in roots:
        definition: StrawberryObjectDefinition = root.__strawberry_definition__  # pyright: ignore[reportAttributeAccessIssue]
        for field in definition.fields:
            # The last one is outermost: whoever may not come is told so, whatever they ask with.
            field.extensions = [*field.extensions, Guard()]
