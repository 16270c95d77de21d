"""How samples are written down: a book for each kind of file, a line for each sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.verdicts import Finding, Judgement, in_order
from tests.corpus import Sample, Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.files import PagesProblem


class Book:
    """Gathers the samples of one kind; what is expected is said with each."""

    def __init__(self, extension: str, *, pages: int | None = None) -> None:
        self.samples: list[Sample] = []
        self._extension = extension
        self._pages = pages

    def clean(self, name: str, make: Callable[[], bytes], *, pages: int | None = None) -> None:
        """Write down an honest file, of which nothing is found."""
        self._add(name, make, Side.CLEAN, None, (), pages, None)

    def at_limit(
        self,
        rule: Finding,
        name: str,
        make: Callable[[], bytes],
        *found: Finding,
        pages: int | None = None,
        problem: PagesProblem | None = None,
    ) -> None:
        """Write down what is as near to the rule as may be, and what else is found of it."""
        assert rule not in found
        self._add(name, make, Side.AT_LIMIT, rule, found, pages, problem)

    def beyond(
        self,
        rule: Finding,
        name: str,
        make: Callable[[], bytes],
        *also: Finding,
        pages: int | None = None,
        problem: PagesProblem | None = None,
    ) -> None:
        """Write down what falls under the rule, and what else is found of it."""
        self._add(name, make, Side.BEYOND, rule, (rule, *also), pages, problem)

    def _add(
        self,
        name: str,
        make: Callable[[], bytes],
        side: Side,
        rule: Finding | None,
        found: tuple[Finding, ...],
        pages: int | None,
        problem: PagesProblem | None,
    ) -> None:
        kind = "jpg" if self._extension == "jpeg" else self._extension
        counted = None if problem else pages or self._pages
        expected = Judgement(kind, counted, problem, in_order(found))
        self.samples.append(Sample(f"{self._extension}: {name}", self._extension, make, expected, side, rule))
