"""What a build draws more of: what a target model fails, within bounds."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from schemas.record import Record

MOST = 3.0
"""So many times as often as usual, at most."""
Weight = Annotated[float, Field(ge=1, le=MOST)]


class Weights(Record):
    """How many times as often as usual something is drawn, by name; what is not named, once."""

    model: str = ""
    """Whose failures they follow."""
    operators: Mapping[str, Weight] = Field(default_factory=dict)
    """By their names in the mix."""
    tools: Mapping[str, Weight] = Field(default_factory=dict)
    """Wire names: these tools, and edges that lead to them, have their turn so much more often."""
    structure: Mapping[str, Weight] = Field(default_factory=dict)
    """Shares of `generators.sampling.structure.Structure`; ``multi_hop`` counts for edges, too."""
