"""Annotations read from source mean what pydantic, which runs them, makes of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from generators.importers.normalise import normalise_parameters
from schemas.record import JsonObject
from tests.python_sources import TYPES, found, only, parameters, typed


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("str", {"type": "string"}),
        ("'int'", {"type": "integer"}),
        ("t.Optional[float]", {"anyOf": [{"type": "number"}, {"type": "null"}]}),
        ("list", {"type": "array", "items": {}}),
        ("Iterable[int]", {"type": "array", "items": {"type": "integer"}}),
        ("dict", {"type": "object", "additionalProperties": True}),
        ("Mapping[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("set[int]", {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}),
        ("tuple[int, ...]", {"type": "array", "items": {"type": "integer"}}),
        ("int | str", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("Literal['a', 'b']", {"enum": ["a", "b"], "type": "string"}),
        ("Literal[1, 'b']", {"enum": [1, "b"]}),
        ("Literal[True]", {"const": True, "type": "boolean"}),
        ("Any", {}),
        ("dt.datetime", {"type": "string", "format": "date-time"}),
        ("dt.date", {"type": "string", "format": "date"}),
        ("dt.time", {"type": "string", "format": "time"}),
        ("uuid.UUID", {"type": "string", "format": "uuid"}),
        ("decimal.Decimal", {"type": "number"}),
        ("pathlib.Path", {"type": "string", "format": "path"}),
        ("AnyUrl", {"type": "string", "format": "uri"}),
        ("EmailStr", {"type": "string", "format": "email"}),
        ("np.ndarray", {"type": "array", "items": {"type": "number"}}),
        ("Annotated[str, 'A city.']", {"type": "string", "description": "A city."}),
        ("conint(ge=1)", {"type": "integer", "minimum": 1}),
        (
            "Annotated[int, Field(ge=1, lt=9, description='n', examples=[2])]",
            {
                "type": "integer",
                "minimum": 1,
                "exclusiveMaximum": 9,
                "description": "n",
                "examples": [2],
            },
        ),
        (
            "Annotated[str, Field(min_length=1, max_length=3, pattern='^a')]",
            {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^a"},
        ),
        (
            "Annotated[list[str], Field(min_length=1)]",
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
        ),
    ],
)
def test_a_type_has_its_schema(annotation: str, schema: JsonObject) -> None:
    assert typed(annotation) == schema


@pytest.mark.parametrize(
    ("before", "schema"),
    [
        ("Alias = NewType('Alias', int)", {"type": "integer"}),
        ("Alias: t.TypeAlias = 'int'", {"type": "integer"}),
        ("type Alias = int", {"type": "integer"}),
        ("T = t.TypeVar('T', bound=int)\nAlias = T", {"type": "integer"}),
        (
            """
            class Alias(enum.Enum):
                A = "a"
                B = "b"
            """,
            {"enum": ["a", "b"], "type": "string"},
        ),
        (
            """
            class Alias(enum.IntEnum):
                '''How.'''
                A = enum.auto()
                B = enum.auto()
            """,
            {"enum": [1, 2], "type": "integer", "description": "How."},
        ),
        (
            """
            class Alias(TypedDict, total=False):
                a: t.Required[int]
                b: str
            """,
            {
                "type": "object",
                "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
                "required": ["a"],
            },
        ),
        (
            """
            class Alias(NamedTuple):
                a: int
                b: str = "x"
            """,
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string", "default": "x"}],
                "minItems": 1,
                "maxItems": 2,
            },
        ),
        (
            """
            @dataclass
            class Alias:
                '''It.

                Attributes:
                    a: The a.
                '''
                a: int
                b: list[int] = field(default_factory=list)
                c: int = field(default=3)
                d: int = field(init=False)
                e: t.ClassVar[int] = 5
            """,
            {
                "type": "object",
                "description": "It.",
                "properties": {
                    "a": {"type": "integer", "description": "The a."},
                    "b": {"type": "array", "items": {"type": "integer"}},
                    "c": {"type": "integer", "default": 3},
                },
                "required": ["a"],
            },
        ),
        (
            """
            LIMIT = 5
            class Base(BaseModel):
                a: int = Field(..., gt=0)
            class Alias(Base):
                model_config = ConfigDict(extra="forbid")
                b: str = Field(alias="bee", description="The b", min_length=1)
                c: int | None = Field(None, le=LIMIT)
                _hidden: int = 0
            """,
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "a": {"type": "integer", "exclusiveMinimum": 0},
                    "bee": {"type": "string", "minLength": 1, "description": "The b"},
                    "c": {"type": "integer", "maximum": 5},
                },
                "required": ["a", "bee"],
            },
        ),
    ],
)
def test_a_definition_of_the_file_has_its_schema(before: str, schema: JsonObject) -> None:
    assert typed("Alias", before) == schema


def test_a_model_that_holds_itself_is_cut() -> None:
    code = """
    class Node(BaseModel):
        name: str
        children: list["Node"] = []
    def plant(root: Node) -> Node: ...
    """
    tool = found(code)["plant"]
    schema, repairs = normalise_parameters(tool.parameters.value)
    node = schema["properties"]["root"]
    assert node["properties"]["children"]["items"] == {}
    assert len(repairs) == 1
    assert "leads back into itself and was cut" in repairs[0]


def test_an_alias_that_holds_itself_is_cut() -> None:
    tool = only("Json = dict[str, 'Json'] | str\ndef f(x: Json): ...")
    assert tool.repairs == (
        "parameters.x.additionalProperties: 'Json' leads back into itself and was cut",
    )


def test_defaults_that_are_written_out_are_kept() -> None:
    code = f"""
    class Color(str, Enum):
        RED = "red"
    SIZE = 3
    def f(a=1, b: str = "x" "y", c: int = -SIZE, d: Color = Color.RED, e: int = SIZE,
          g: float = 1.5, h: list[int] = [1, 2], i: int = len("abc"), k: int = None,
          j: float = float("nan"), l: float = 1e999, m: str = "\\ud800",
          n: int = 0x1{"0" * 300}): ...
    """
    properties = only(code).parameters.value["properties"]
    defaults = {name: item["default"] for name, item in properties.items() if "default" in item}
    expected = {"a": 1, "b": "xy", "d": "red", "e": 3, "g": 1.5, "h": [1, 2], "k": None}
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


def made_by_pydantic(annotations: list[str]) -> list[JsonObject]:
    scope: dict[str, object] = {}
    exec(TYPES, scope)
    return [TypeAdapter(eval(text, scope)).json_schema() for text in annotations]


@settings(max_examples=60, deadline=None)
@given(st.lists(ANNOTATIONS, min_size=1, max_size=4))
def test_what_is_read_equals_what_pydantic_makes(annotations: list[str]) -> None:
    """Up to what normalising takes from both: titles, and null for a parameter."""
    names = [f"p{number}" for number in range(len(annotations))]
    signature = ", ".join(f"{name}: {text}" for name, text in zip(names, annotations, strict=True))
    tool = only(f"{TYPES}\ndef f({signature}): ...")
    assert not tool.repairs
    made = dict(zip(names, made_by_pydantic(annotations), strict=True))
    expected, _ = normalise_parameters({"type": "object", "properties": made, "required": names})
    assert parameters(tool) == expected["properties"]
    assert normalise_parameters(tool.parameters.value)[0] == expected
