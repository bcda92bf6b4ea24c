"""Chains that lie within a chain: fewer of its turns, only its reads, turns joined.

Each can run as the whole can. From among them a mix of structures chooses.
"""

from collections.abc import Iterator

from generators.sampling.operators.edits import joined_turns, may_join
from generators.world.model import World
from schemas.graph import ChainStep, ToolChain


def variants(chain: ToolChain, world: World) -> Iterator[ToolChain]:
    """Yield the chain itself, and then what lies within it, the longest first."""
    for whole in (chain, reads_of(chain, world)):
        for count in range(len(whole.turns), 0, -1):
            part = beginning(whole, count)
            yield part
            joined = with_joined_turns(part, world)
            if len(joined.turns) < len(part.turns):
                yield joined


def beginning(chain: ToolChain, turns: int) -> ToolChain:
    """The first turns of a chain that has no gaps yet."""
    kept = chain.turns[:turns]
    steps = chain.steps[: sum(map(len, kept))]
    return chain.model_copy(update={"steps": steps, "turns": kept})


def reads_of(chain: ToolChain, world: World) -> ToolChain:
    """The reads of a chain that depend on no write."""
    places: dict[int, int] = {}
    steps: list[ChainStep] = []
    for number, step in enumerate(chain.steps):
        writes = world.models[step.tool].writes
        if not writes and all(feed.step in places for feed in step.feeds):
            places[number] = len(steps)
            feeds = [f.model_copy(update={"step": places[f.step]}) for f in step.feeds]
            steps.append(step.model_copy(update={"feeds": tuple(feeds)}))
    turns = [tuple(places[n] for n in turn if n in places) for turn in chain.turns]
    kept = tuple(turn for turn in turns if turn)
    return chain.model_copy(update={"steps": tuple(steps), "turns": kept})


def with_joined_turns(chain: ToolChain, world: World) -> ToolChain:
    """The chain in as few turns as its writes and the length of a turn allow."""
    place = 0
    while place + 1 < len(chain.turns):
        if may_join(chain, place, place + 1, world):
            chain = chain.model_copy(update=joined_turns(chain, place, place + 1))
        else:
            place += 1
    return chain
