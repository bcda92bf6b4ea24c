"""What every sampler is: a stateless way of drawing chains of calls from the tool graph.

Which samplers there are is known in `generators.sampling`; in which order they
are drawn for in `generators.sampling.stream`.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from generators.world.model import strip_indices
from schemas.graph import ChainStep, Edge, ToolChain


class Link(NamedTuple):
    """What makes an edge of the tool graph this edge and no other."""

    producer: str
    result_path: str
    consumer: str
    parameter: str

    def __str__(self) -> str:
        """``list_orders.orders[].order_id → get_order.order_id``."""
        return f"{self.producer}.{self.result_path} → {self.consumer}.{self.parameter}"


Focus = str | Link
"""The tool, or the edge, that a chain is to contain."""


def tools_of(focus: Focus) -> tuple[str, ...]:
    """The tool, or the two ends of the edge."""
    return (focus,) if isinstance(focus, str) else (focus.producer, focus.consumer)


def link_of(edge: Edge) -> Link:
    """Take the four names that tell an edge apart."""
    return Link(edge.producer, edge.result_path, edge.consumer, edge.parameter)


def follow_feeds(chain: ToolChain, step: ChainStep) -> Iterator[Link]:
    """What the feeds of a step follow; a feed may repeat what an earlier call was fed."""
    for feed in step.feeds:
        path, parameter = strip_indices(feed.result_path), strip_indices(feed.parameter)
        yield Link(chain.steps[feed.step].tool, path, step.tool, parameter)


def find_focus(chain: ToolChain, focus: Focus) -> int | None:
    """The first step that calls a tool, or is fed along an edge; None where the chain has none."""
    tool = focus if isinstance(focus, str) else focus.consumer
    for number, step in enumerate(chain.steps):
        if step.tool == tool and (isinstance(focus, str) or focus in follow_feeds(chain, step)):
            return number
    return None


class Sampler(Protocol):
    """Draws chains."""

    @property
    def policy(self) -> str:
        """Its name, which each of its chains bears."""
        ...

    @property
    def usable(self) -> tuple[str, ...]:
        """Tools that a chain may contain, sorted. A rare one turns out to be out of reach."""
        ...

    @property
    def links(self) -> tuple[Link, ...]:
        """Edges between usable tools that a chain may follow, with the same reserve."""
        ...

    def may_ask(self, tool: str) -> bool:
        """Whether a user may ask for a tool's work by itself, and not only for what it leads to."""
        ...

    def sample(self, seed: int, focus: Focus | None = None) -> ToolChain:
        """Draw a chain that contains ``focus``: same seed and focus, same chain.

        Raises InputError where no chain of this sampler can contain ``focus``. A sampler that
        keeps to a mix of structures may leave the focus for another seed.
        """
        ...
