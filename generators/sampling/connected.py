"""Connected sets of tools, each once, without trying all combinations.

ESU (Wernicke 2006): a set is grown only by neighbours that no earlier member of it had, so that it
comes up in one way alone. The work is bounded by what is asked for: sets are yielded as they are
found.
"""

from collections.abc import Callable, Iterator, Sequence

Near = Callable[[str], Sequence[str]]
"""Tool → the tools that an edge joins to it, in either direction, without itself."""
Joins = Callable[[str], bool]
Tools = tuple[str, ...]


def connected_sets(root: str, size: int, near: Near, joins: Joins) -> Iterator[Tools]:
    """Yield the connected sets of ``size`` tools that hold ``root`` and others that ``joins``.

    Each comes up once, if ``near`` is symmetric.
    """
    around = near(root)
    start = [name for name in around if joins(name)]
    yield from _grow((root,), start, frozenset({root, *around}), size, near, joins)


def _grow(
    members: Tools,
    extension: list[str],
    reached: frozenset[str],
    size: int,
    near: Near,
    joins: Joins,
) -> Iterator[Tools]:
    if len(members) == size:
        yield members
        return
    left = list(extension)
    while left:
        chosen = left.pop()
        around = near(chosen)
        fresh = [name for name in around if name not in reached and joins(name)]
        grown = (*members, chosen)
        yield from _grow(grown, [*left, *fresh], reached.union(around), size, near, joins)
