"""Results: what tools return, where their source does not say it.

`observed_returns` reads results on record and gives tools the schemas that they show,
`returns_by_model` asks a model. What other tools tell is left to inference.
"""

from generators.results.observed_returns import Observation, complete_returns, read_observations

__all__ = ["Observation", "complete_returns", "read_observations"]
