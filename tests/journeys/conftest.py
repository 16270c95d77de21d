"""One counter for all journeys that can share it: to start one costs more than what most of them do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from tests.journeys.stack import Stack, stack_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import pytest


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def common_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    """Return a counter in a fresh folder; `tests.turns` sees to it that all who share it run in one process."""
    async with stack_in(tmp_path_factory.mktemp("counter")) as stack:
        yield stack


@pytest_asyncio.fixture(loop_scope="session")
async def running(common_stack: Stack) -> Stack:
    """Return the common counter, serving, with whatever the journeys before have left there."""
    if common_stack.has_ended:
        await common_stack.serve()
    return common_stack
