"""What a program may ask for: its whole document is judged by the scopes of its token, before anything is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import OperationType

from resolvers.authorization import INTERFACES, is_open_to_program
from resolvers.engine.asked_fields import asked_fields
from rules.service_tokens import OutOfScope, ProgramsOnlyRead, ServiceTokenNotGood

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode

    from reading.access import Viewer


def check_program(
    program: Viewer | None,
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> None:
    """
    Judge whether *program*, None for a service token that is not good, may have its *operation* answered.

    Raises:
        ProgramsOnlyRead: it would change something.
        OutOfScope: a field that it asks for, at whatever depth, is not open to its token.
        ServiceTokenNotGood: the token is unknown, revoked or expired, and something in it is not for anyone.
    """
    if operation.operation is OperationType.MUTATION:
        raise ProgramsOnlyRead
    scopes = program.scopes if program else frozenset()
    shut = [
        f"{type_name}.{field}"
        for type_name, field in asked_fields(schema, operation, fragments, as_one=INTERFACES)
        if not is_open_to_program(type_name, field, scopes)
    ]
    if shut and program is None:
        raise ServiceTokenNotGood
    if shut:
        raise OutOfScope(shut)
