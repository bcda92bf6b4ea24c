"""Colours, in the form that is told of them; and an example is the value alone."""

import re
from typing import Any

import pytest

from generators.lexicon.meanings import text_meaning
from generators.sandbox.sandbox import Sandbox
from generators.sandbox.text_values import shown_examples
from generators.world.infer import infer_world
from tests.test_inference import TEXT, row, tool


@pytest.mark.parametrize(("told", "form"), [
    ({"description": "Stroke color (e.g. hex #000000)."}, "#[0-9a-f]{6}"),
    ({"description": "Fill colour hex."}, "#[0-9a-f]{6}"),
    ({"description": "The border color", "format": "hex"}, "#[0-9a-f]{6}"),
    ({"description": "Border color", "examples": ["#4caf50"]}, "#[0-9a-f]{6}"),
    ({"description": "Color as a 6-character hex code"}, "[0-9a-f]{6}"),
    ({"description": "Hex color without the leading #"}, "[0-9a-f]{6}"),
    ({"description": "Hex color, e.g. 'f29513'"}, "[0-9a-f]{6}"),
    ({"description": "Outline color"}, "[a-z ]+"),
])  # fmt: skip
def test_a_colour_is_written_as_its_field_tells(told: dict[str, Any], form: str) -> None:
    shown = row(shape_id=TEXT, name=TEXT, outline={**TEXT, **told})
    world = infer_world(
        [tool("list_shapes", returns=row(shapes={"type": "array", "items": shown}))]
    )
    drawn = {one["outline"] for one in Sandbox(world, 3, "2026-03-02T09:00:00Z").rows("shop/shape")}
    assert len(drawn) > 1
    assert all(re.fullmatch(form, one) for one in drawn)


@pytest.mark.parametrize("said", ["Color scheme of the page", "Whether the color is shown"])
def test_what_only_speaks_of_colours_is_none(said: str) -> None:
    assert text_meaning("outline", said) != "color"


@pytest.mark.parametrize(("said", "shown"), [
    ("Stroke color (e.g. hex #000000).", ("#000000",)),
    ("The area, for example code 94107 or code 10001", ("94107", "10001")),
    ("Format, such as hex or code", ("hex", "code")),
])  # fmt: skip
def test_an_example_is_the_value_without_what_it_is(said: str, shown: tuple[str, ...]) -> None:
    assert shown_examples(said) == shown
