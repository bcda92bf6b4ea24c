"""Where the stages are put together: from settings to a workshop, from a catalogue to environments.

Nothing else in the pipeline knows how candidates are made.
"""

from schemas.check import EnvironmentFactory
from schemas.tool import Catalog


def environments(catalog: Catalog) -> EnvironmentFactory:
    """Make the environments of a catalogue's tasks."""
    from generators.candidates import environment_factory

    return environment_factory(catalog)
