"""Code of every kind: it is read, or refused in one line, and never a traceback."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from generators.importers.found_tools import FoundTool, Skipped
from generators.importers.normalise import normalise_parameters, normalise_returns
from generators.importers.python.signatures import parse_docstring
from schemas.errors import InputError
from tests.python_sources import parameters, read

LINES = """
@tool(name="a", description=TEXT)
def f(self, x: int = 3, *args, **kw) -> dict:
class A(BaseModel):
class A(B, Enum):
    x: list["A"] = Field(ge=1, alias=x)
    B = auto()
    pass
    def g(self): ...
X = A
A = X
TEXT = TEXT + "a"
__all__ = ["f", A]
T = Union[T, "X["]
type A = B
@dataclass
class N(NamedTuple, extra="forbid"):
    '''It. Args: x (list of {"a", ): It. Returns: x (int): a - b (str: c'''
def h(x: Annotated[X, Field(min_length=A.B)], y: "A" = A.B, z: Literal[X, T] = X): ...
def i(w: T[int] = -A, v: X.Y | None | "Callable" = 0xFFFF, u: Annotated[()] = {1: {2}}): ...
def k(a: Optional, b: Union, c: Annotated, d: tuple[()], e: dict[int], f: list[()]): ...
def l(a: Optional[()], b: Union[()], c: Literal[()], d: Coroutine[()], e: Final[()]): ...
""".strip().splitlines()
WORDS = """
Args: Returns: Raises: Parameters ---------- x: y (int): - z (dict): :param :type x: :rtype: list
of str { "a", } [Enum]: ["a"] ( ) [ ] or , optional
""".split()
SPACES = ("\n", "\n\n", "\n    ", " ", "\n        ")


def outcome(code: str) -> str:
    """The refusal, or what was found as JSON, after it was seen to be sound."""
    try:
        items = read(code)
    except InputError as error:
        return str(error)
    for item in items:
        if isinstance(item, FoundTool):
            normalise_parameters(item.parameters.value)
            if item.returns:
                normalise_returns(item.returns.value)
    return json.dumps([str(item) for item in items])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=9))
@example(LINES[-1:])
@example(LINES[-2:-1])
@example([LINES[8], LINES[9], *LINES[17:19]])
@example([LINES[2], LINES[4], LINES[12], LINES[17]])
def test_pieces_of_code_in_any_order_are_read_or_refused(lines: list[str]) -> None:
    assert len(outcome("\n".join(lines)).splitlines()) == 1


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert len(outcome(text).splitlines()) == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES)), max_size=20))
def test_any_docstring_is_read(pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + space for word, space in pieces)
    parse_docstring(text)
    assert len(outcome(f"def f(x, y=1) -> dict:\n    r'''{text} '''").splitlines()) == 1


def test_types_without_bound_are_not_read() -> None:
    deep = "|".join(f"vendor.T{number}" for number in range(600))
    doubling = "\n".join(f"T{at} = tuple[T{at + 1}, T{at + 1}]" for at in range(60))
    (item,) = read(f"def f(x: {deep}): ...")
    assert isinstance(item, Skipped)
    assert item.reason == "its types are too deep to be read"
    (item,) = read(f"{doubling}\ndef f(x: T0): ...")
    assert isinstance(item, FoundTool)
    assert parameters(item) == {"x": {}}
    assert item.repairs[0].endswith("is known when the code is run only: allows anything")
    (item,) = read("T0 = list['T0']\ndef f(x: T0): ...")
    assert isinstance(item, FoundTool)
    assert parameters(item)["x"]["type"] == "array"
    assert len(item.repairs) == 1
