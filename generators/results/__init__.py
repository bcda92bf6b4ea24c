"""Results: what tools return, where their source does not say it.

`completion` gives tools result schemas that results on record show, `observation` reads the
records, and `returns_by_model` asks a model. What other tools tell is left to inference.
"""

from generators.results.completion import complete_returns
from generators.results.observation import Observation, read_observations

__all__ = ["Observation", "complete_returns", "read_observations"]
