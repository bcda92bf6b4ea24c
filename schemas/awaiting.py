"""Several things that are awaited at once."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def await_all(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all at once; the first failure ends the others and is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as failures:  # callers see the first failure, not the group
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
