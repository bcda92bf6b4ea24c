"""Catalogues, personas, phrases and prompt templates that toolweave ships."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml


def resource(path: str) -> Traversable:
    """A file or folder below ``data/``, wherever the package was installed."""
    return files("data").joinpath(path)


def text(path: str) -> str:
    """The text of a shipped file."""
    return resource(path).read_text(encoding="utf-8")


@cache
def table(path: str) -> Any:
    """What a shipped YAML file holds: read once, and never changed."""
    return yaml.safe_load(text(path))
