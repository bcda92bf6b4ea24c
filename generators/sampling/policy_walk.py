"""IntellAgent's walk over a weighted graph (arXiv 2501.11067), until it is difficult enough.

The next tool is drawn ∝ weight among the unvisited neighbours of the last, the weight being the
best score of the edges between two tools in either direction, until the difficulties add up to a
target of 5–10. Where no unvisited neighbour is left the walk ends; the original crashed there.
"""

from collections.abc import Iterator
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.drafting import Draft
from generators.sampling.draw import draw_by_weight
from generators.sampling.ground import prepare
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Usage
from generators.world.model import ToolModel, World
from schemas.canonical import derive_seed
from schemas.graph import ChainStep, ToolChain

MANY_PARAMETERS = 3


def difficulty(model: ToolModel, step: ChainStep) -> int:
    """From 1 to 5: one for the call, and one each for what makes it harder.

    That it changes something; that it loses something for good; that it requires three parameters
    or more; that it depends on an earlier result.
    """
    required = sum(parameter.required for parameter in model.parameters)
    harder = (
        model.writes,
        model.tool.destructive,
        required >= MANY_PARAMETERS,
        bool(step.feeds),
    )
    return 1 + sum(harder)


class PolicyWalkSampler:
    """Walks by weight until the sum of difficulties is reached."""

    policy = "policy_walk"

    def __init__(
        self,
        world: World,
        graph: ToolGraph,
        *,
        min_difficulty: int = 5,
        max_difficulty: int = 10,
        max_calls: int = 12,
        visit_cap: int = 1,
    ) -> None:
        """A chain of ``max_calls`` calls is ended in any case. Raises InputError."""
        self._least, self._most = min_difficulty, max_difficulty
        self._world = world
        self._ground = prepare(world, graph, most_calls=max_calls, visit_cap=visit_cap)
        self._weights = _weights(graph)
        self.usable: tuple[str, ...] = self._ground.usable
        self.links: tuple[Link, ...] = self._ground.links

    def sample(
        self, seed: int, focus: Focus | None = None, usage: Usage = NOTHING_USED
    ) -> ToolChain:
        """Draw the chain of a seed, begun with the focus. Raises InputError; see `Sampler`."""
        del usage
        rng = Random(derive_seed(self.policy, seed, focus))
        draft = self._ground.start(focus, lambda: rng.choice(self.usable), rng)
        target = rng.randint(self._least, self._most)
        while self.reached(draft.steps) < target:
            longer = next(self._on(draft, rng), None)
            if longer is None:
                break
            draft = longer
        return self._ground.cut(draft, rng, self.policy, seed)

    def reached(self, steps: tuple[ChainStep, ...]) -> int:
        """Sum of the difficulties."""
        return sum(difficulty(self._world.models[step.tool], step) for step in steps)

    def neighbours(self, tool: str) -> dict[str, float]:
        """Tool that an edge joins to this one, in either direction → weight."""
        return self._weights.get(tool, {})

    def _on(self, draft: Draft, rng: Random) -> Iterator[Draft]:
        """Go on to an unvisited neighbour, by weight; the calls that it needs come before it."""
        place = len(draft.steps) - 1
        visited = {step.tool for step in draft.steps}
        known = self._ground.known
        near = self.neighbours(draft.steps[place].tool)
        options = {name: w for name, w in near.items() if name in known and name not in visited}
        for tool in draw_by_weight(list(options), list(options.values()), rng):
            longer = self._ground.follow(draft, tool, draft.missions[-1], rng, place)
            if longer is not None:
                yield longer


def _weights(graph: ToolGraph) -> dict[str, dict[str, float]]:
    """Tool → neighbour → the best score between the two."""
    weights: dict[str, dict[str, float]] = {}
    for edge in graph.edges:
        if edge.producer != edge.consumer and edge.score > 0:
            for one, two in ((edge.producer, edge.consumer), (edge.consumer, edge.producer)):
                row = weights.setdefault(one, {})
                row[two] = max(row.get(two, 0.0), edge.score)
    return weights
