"""Annotations read from source mean what pydantic, which runs them, makes of them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from schemas.record import JsonObject
from tests.python_sources import TYPES, only, parameters, typed


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("str", {"type": "string"}),
        ("'int'", {"type": "integer"}),
        ("t.Optional[float]", {"anyOf": [{"type": "number"}, {"type": "null"}]}),
        ("list", {"type": "array", "items": {"type": "string"}}),
        ("Iterable[int]", {"type": "array", "items": {"type": "integer"}}),
        ("dict", {"type": "object", "additionalProperties": True}),
        ("Mapping[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("set[int]", {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}),
        ("tuple[int, ...]", {"type": "array", "items": {"type": "integer"}}),
        ("int | str", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("Literal['a', 'b']", {"type": "string", "enum": ["a", "b"]}),
        ("Literal[1, 'b']", {"enum": [1, "b"]}),
        ("Any", {}),
        ("dt.datetime", {"type": "string", "format": "date-time"}),
        ("dt.date", {"type": "string", "format": "date"}),
        ("uuid.UUID", {"type": "string", "format": "uuid"}),
        ("decimal.Decimal", {"type": "number"}),
        ("pathlib.Path", {"type": "string", "format": "path"}),
        ("Annotated[str, 'A city.']", {"type": "string", "description": "A city."}),
        ("Annotated[int, Field(ge=1)]", {"type": "integer", "minimum": 1}),
    ],
)
def test_a_plain_type_has_its_schema(annotation: str, schema: JsonObject) -> None:
    assert typed(annotation) == schema


@pytest.mark.parametrize(
    ("before", "schema"),
    [
        ("Alias: t.TypeAlias = 'int'", {"type": "integer"}),
        ("type Alias = int", {"type": "integer"}),
        ("Alias = Literal['a']", {"type": "string", "const": "a"}),
        (
            """
            class Alias(enum.Enum):
                A = "a"
                B = "b"
            """,
            {"type": "string", "enum": ["a", "b"]},
        ),
    ],
)
def test_a_plain_definition_of_the_file_has_its_schema(before: str, schema: JsonObject) -> None:
    assert typed("Alias", before) == schema


LAMP: JsonObject = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 2},
        "watts": {"type": "integer", "minimum": 1, "maximum": 90, "default": 5},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "size": {"type": "string", "enum": ["small", "large"]},
    },
    "required": ["title", "tags", "size"],
}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("Lamp", LAMP),
        ("'Lamp'", LAMP),
        ("list[Lamp]", {"type": "array", "items": LAMP}),
        ("dict[str, Lamp]", {"type": "object", "additionalProperties": LAMP}),
        ("Optional[Lamp]", {"anyOf": [LAMP, {"type": "null"}]}),
        ("Annotated[Lamp, 'a lamp']", LAMP),
    ],
)
@pytest.mark.parametrize("base", ["BaseModel", "TypedDict", "NamedTuple"])
def test_a_class_of_data_of_the_same_file_is_read_with_its_fields(
    annotation: str, schema: JsonObject, base: str
) -> None:
    before = f"""
class Thing({base}):
    title: str = Field(..., min_length=2)
    _hidden: int = 1
class Lamp(Thing):
    watts: Annotated[int, Field(ge=1, le=90)] = 5
    tags: list[str] = Field(max_length=3)
    size: Literal["small", "large"]
"""
    tool = only(f"{TYPES}\n{before}\ndef f(value: {annotation}): ...\n__all__ = ['f']\n")
    read = parameters(tool)["value"]
    read.pop("description", None)
    assert read == schema
    assert tool.repairs == ()


def test_classes_that_hold_themselves_and_bases_from_elsewhere_are_not_whole() -> None:
    code = """
class Node(BaseModel):
    copy: str = Field(pattern="a(?!b)")
    inner: "list[Node]" = []
class Leaf(Vendor):
    name: str
def f(node: Node, leaf: Leaf): ...
"""
    tool = only(code)
    assert set(parameters(tool)["node"]["properties"]) == {"copy", "inner"}
    assert parameters(tool)["leaf"] == {}
    assert len(tool.repairs) == 2


@pytest.mark.parametrize(
    ("annotation", "before"),
    [
        ("Alias", "class Alias(BaseModel): ..."),
        ("Alias", "@dataclass\nclass Alias: ..."),
        ("Alias | None", "Alias = NewType('Alias', int)"),
        ("Alias", "class Alias(enum.IntEnum):\n    A = enum.auto()"),
        ("Date", "from vendor import Date"),
        ("EmailStr", ""),
    ],
)
def test_any_other_type_is_unknown_and_noted(annotation: str, before: str) -> None:
    code = f"{TYPES}\n{before}\ndef f(value: {annotation}): ...\n__all__ = ['f']\n"
    tool = only(code)
    assert parameters(tool) == {"value": {}}
    (note,) = tool.repairs
    assert note == (
        f"parameters.value: what {annotation!r} is, is known when the code is run only: "
        "allows anything"
    )


def test_a_list_of_what_is_unknown_is_a_list() -> None:
    tool = only("class Alias(BaseModel): ...\ndef f(value: list[Alias]) -> dict[str, Alias]: ...")
    assert parameters(tool) == {"value": {"type": "array", "items": {"type": "string"}}}
    assert tool.returns is not None
    assert tool.returns.value == {"type": "object", "additionalProperties": True}
    assert tool.repairs == (
        "parameters.value: what 'list[Alias]' is, is known when the code is run only",
        "returns: what 'dict[str, Alias]' is, is known when the code is run only",
    )


def test_defaults_that_are_written_out_are_kept() -> None:
    code = """
    SIZE = 3
    def f(a=1, b: str = "x" "y", c: int = -SIZE, d: Color = Color.RED, e: int = SIZE,
          g: float = 1.5, h: list[int] = [1, 2], i: int = len("abc"), k: int = None,
          j: float = float("nan"), l: float = 1e999, m: str = "\\ud800"): ...
    """
    properties = only(code).parameters.value["properties"]
    defaults = {name: item["default"] for name, item in properties.items() if "default" in item}
    expected = {"a": 1, "b": "xy", "e": 3, "g": 1.5, "h": [1, 2], "k": None}
    assert defaults == expected
    assert "required" not in only(code).parameters.value


SIMPLE = ("int", "str", "float", "bool", "dt.date", "uuid.UUID", "Any", "Literal['a', 'b']")
SHAPES = (
    "list[{}]", "dict[str, {}]", "Optional[{}]", "tuple[{}, ...]", "tuple[{}, int]", "set[{}]",
    "{} | None", "Union[{}, str]", "Sequence[{}]", "Annotated[{}, Field(description='why')]",
)  # fmt: skip
ANNOTATIONS = st.recursive(
    st.sampled_from(SIMPLE),
    lambda inner: st.builds(lambda shape, item: shape.format(item), st.sampled_from(SHAPES), inner),
    max_leaves=4,
)
VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, 1.5, "a", "b", "c", "2026-01-02"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(ANNOTATIONS, st.lists(VALUES, min_size=20, max_size=20))
def test_what_is_read_allows_what_pydantic_s_schema_allows(text: str, values: list[Any]) -> None:
    scope: dict[str, object] = {}
    exec(TYPES, scope)
    made = Draft202012Validator(TypeAdapter(eval(text, scope)).json_schema())
    tool = only(f"{TYPES}\ndef f(value: {text}): ...")
    read = Draft202012Validator(tool.parameters.value["properties"]["value"])
    assert not tool.repairs
    for value in values:
        assert read.is_valid(value) == made.is_valid(value), value
