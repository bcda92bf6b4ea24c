"""The version of toolweave that is installed."""

from importlib import metadata


def version() -> str:
    """As the package's metadata says it."""
    return metadata.version("toolweave")
