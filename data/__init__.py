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


def read_yaml(written: str) -> Any:
    """What a text of shipped YAML holds; with the parser in C, which takes a tenth, if it is there.

    What it refuses is told in other words: the files that users write are read elsewhere.
    """
    return yaml.load(written, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def table(path: str) -> Any:
    """What a shipped YAML file holds: read once, and never changed."""
    return read_yaml(text(path))
