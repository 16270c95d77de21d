"""A document, from its text to what is known of it: within limits, parsed, valid, and what its operations cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, parse, validate

from resolvers.engine.costs import Cost, SchemaCosts
from resolvers.engine.errors import MOST_ERRORS, VALIDATION_FAILED, RequestError
from resolvers.engine.limits import measure
from resolvers.engine.scanning import find_excess_in_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import ASTValidationRule, GraphQLSchema

    from resolvers.engine.terms import Terms

NOT_VALID = "The document is not valid for this API, which /api describes."
WRONG_VARIABLES = "The variables are not what the document declares, or not valid for this API, which /api describes."


@dataclass(frozen=True, slots=True)
class Judged:
    """A document that was found in order."""

    document: DocumentNode
    costs: Mapping[str | None, Cost]
    """What each operation costs, by its name."""


class Judge:
    """Judges documents by one schema, the cheap ways first: what one refuses, the dearer ones never see."""

    def __init__(self, schema: GraphQLSchema, rules: Sequence[type[ASTValidationRule]], terms: Terms) -> None:
        self._schema, self._rules, self._terms = schema, rules, terms
        self._costs = SchemaCosts(schema, terms.costs)

    def judge(self, text: str, *, is_trusted: bool = False) -> Judged:
        """
        Return what is known of a document.

        Raises:
            RequestError: it is too large or not valid; why, is told in full to whom the schema is shown anyway.
        """
        if excess := find_excess_in_text(text, self._terms.text):
            raise RequestError(excess)
        try:
            document = parse(text, max_tokens=self._terms.text.tokens)
        except GraphQLSyntaxError as error:
            raise RequestError(error) from error
        costs = measure(document, self._costs, self._terms.limits)
        if isinstance(costs, GraphQLError):
            raise RequestError(costs)
        hides = not (is_trusted or self._terms.shows_schema)
        errors = validate(self._schema, document, self._rules, max_errors=MOST_ERRORS, hide_suggestions=hides)
        if errors:
            raise RequestError(*self.told(errors, NOT_VALID, is_trusted=is_trusted))
        return Judged(document, costs)

    def told(self, errors: Sequence[GraphQLError], instead: str, *, is_trusted: bool = False) -> Sequence[GraphQLError]:
        """Return the errors as they may be told: where the schema is not shown, without the names in it."""
        if is_trusted or self._terms.shows_schema:
            return errors[:MOST_ERRORS]
        return [
            GraphQLError(instead, each.nodes, each.source, each.positions, extensions={"code": VALIDATION_FAILED})
            for each in errors[:MOST_ERRORS]
        ]
