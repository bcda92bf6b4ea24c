"""What a first message leaves for later: people say what they want, and the rest when asked.

A request has at most two details beside which row is meant, three where it only looks for
something. What is required besides is asked for, two things at a time; what is not is added to the
last answer.
"""

from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from generators.world.model import ParameterModel
from schemas.semantic import ADDRESS
from schemas.task import Origin

Leaf = tuple[int, str]
ToldLeaf = tuple[int, Origin, ParameterModel]
"""A call, and one of its leaves that the user has to say."""
_FIRST, _FIRST_OF_SEARCH = 2, 3
_AT_ONCE = 2
_NAMES = frozenset({"first_name", "last_name"})


class Later(NamedTuple):
    """The leaves that a first message leaves out."""

    asked: tuple[tuple[Leaf, ...], ...] = ()
    """For each question of the assistant."""
    added: tuple[Leaf, ...] = ()
    """Said with the last answer, or when there is a question for anything else."""

    @property
    def leaves(self) -> frozenset[Leaf]:
        """All of them."""
        return frozenset(leaf for one in (*self.asked, self.added) for leaf in one)

    @property
    def rounds(self) -> int:
        """How often the user speaks because of them."""
        return len(self.asked) or bool(self.added)


class _Unit(NamedTuple):
    """Leaves that are said in one breath: an address, a first and a last name, a list."""

    leaves: tuple[Leaf, ...]
    required: bool
    plain: bool
    """A question for it can be asked, and answered."""


def leave_for_later(
    told: Sequence[ToldLeaf],
    *,
    writes: bool,
    held: Sequence[Leaf] = (),
    fixed: Set[Leaf] = frozenset(),
) -> Later:
    """What of the ``told`` leaves a first message leaves out.

    ``held``: what is left out anyway; ``fixed``: what must be said at once.
    """
    units = [one for one in _units(told) if not set(one.leaves) & set(held)]
    first = [one for one in units if set(one.leaves) & fixed or (one.required and not one.plain)]
    rest = [one for one in units if one not in first]
    room = max(0, (_FIRST if writes else _FIRST_OF_SEARCH) - len(first))
    rest = sorted(rest, key=lambda one: not one.required)[room:]
    asked = [(leaf,) for leaf in held] + [one.leaves for one in rest if one.required]
    added = [leaf for one in rest if not one.required for leaf in one.leaves]
    rounds = [asked[start : start + _AT_ONCE] for start in range(0, len(asked), _AT_ONCE)]
    return Later(tuple(tuple(leaf for one in few for leaf in one) for few in rounds), tuple(added))


def count_details(told: Sequence[ToldLeaf]) -> int:
    """How many things there are to say, beside which row is meant."""
    return sum(1 for _ in _units(told))


def _units(told: Sequence[ToldLeaf]) -> Iterator[_Unit]:
    groups: dict[tuple[int, str], list[tuple[Leaf, ParameterModel]]] = {}
    for call, origin, parameter in told:
        path, names_row = origin.path, parameter.use in ("identity", "reference")
        if (names_row and "[" not in path) or parameter.name == "method":
            continue
        top = path.partition("[")[0].partition(".")[0]
        if path in _NAMES:
            top = "name"
        elif path == top and parameter.semantic in ADDRESS and parameter.use == "field":
            top = "address"
        groups.setdefault((call, top), []).append(((call, path), parameter))
    for leaves in groups.values():
        plain = all(one.semantic != "boolean" for _, one in leaves)
        plain = plain and not any("[" in path and "]." in path for (_, path), _ in leaves)
        required = any(one.required for _, one in leaves)
        yield _Unit(tuple(leaf for leaf, _ in leaves), required, plain)
