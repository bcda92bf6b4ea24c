"""The tools that an assistant is offered: those that are needed, near ones, and random ones."""

from collections.abc import Sequence
from random import Random

from generators.world import World

_NEAR, _RANDOM = 6, 4


def offer_tools(
    world: World, names: Sequence[str], needed: Sequence[str], rng: Random
) -> tuple[str, ...]:
    """Needed tools with up to six of the same entities or domain and four others, shuffled.

    UniToolCall's hybrid lists put the needed tools first; here their place tells nothing.
    """
    chosen = list(needed)
    entities = {world.models[name].entity for name in needed} - {None}
    domains = {world.models[name].tool.domain for name in needed}
    rest = [name for name in names if name not in set(needed)]
    rng.shuffle(rest)
    kin = [name for name in rest if world.models[name].entity in entities]
    near = [name for name in rest if world.models[name].tool.domain in domains and name not in kin]
    chosen += (kin + near)[:_NEAR]
    chosen += [name for name in rest if name not in chosen][:_RANDOM]
    rng.shuffle(chosen)
    return tuple(chosen)
