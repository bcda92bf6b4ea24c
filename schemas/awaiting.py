"""Several things that are awaited at once."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def await_all(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all at once; the first failure ends the others and is raised by itself.

    It is raised behind the group, which would be its context: what leads back to itself cannot be
    sent to another process where a library has errors pickled with their context.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]
    else:
        return [task.result() for task in tasks]
    raise first
