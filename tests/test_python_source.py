"""Python code as a catalogue: which definitions are tools, and what is said of them."""

from pathlib import Path

import pytest

from generators.importers import python
from generators.importers.documents import PythonSource
from generators.importers.found_tools import FoundTool, Skipped
from schemas.errors import InputError
from tests.python_sources import found, only, parameters, read, required, returns


def names(code: str) -> list[str]:
    items = [item for item in read(code) if isinstance(item, FoundTool)]
    return [f"{item.domain}.{item.name}".lstrip(".") for item in items]


def refusal(code: str) -> str:
    with pytest.raises(InputError) as caught:
        read(code)
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_public_functions_and_methods_are_tools_in_the_order_of_the_file() -> None:
    code = """
    def first(): ...
    def _hidden(): ...
    class OrderDesk:
        def __init__(self, path: str): ...
        def _internal(self): ...
        @property
        def size(self) -> int: ...
        @overload
        def find(self, key: int) -> str: ...
        def find(self, key): ...
        @staticmethod
        def parse(text: str): ...
        @classmethod
        def open(cls, path: str): ...
    class _Hidden:
        def no(self): ...
    class DeskError(Exception):
        def told(self): ...
    async def last(): ...
    if __name__ == "__main__":
        def script(): ...
    """
    desk = ["order_desk.find", "order_desk.parse", "order_desk.open"]
    assert names(code) == ["first", *desk, "last"]


def test_exports_that_are_added_count_too() -> None:
    code = "__all__ = ['f']\n__all__ += ['h']\ndef f(): ...\ndef g(): ...\ndef h(): ..."
    assert names(code) == ["f", "h"]
    assert names(code.replace("['h']", "other.__all__")) == ["f", "g", "h"]


def test_a_method_is_called_without_itself() -> None:
    code = """
    class Desk:
        def find(self, key: int): ...
        @staticmethod
        def parse(text: str): ...
        @classmethod
        def open(cls, path: str): ...
    """
    tools = found(code)
    assert [list(parameters(tool)) for tool in tools.values()] == [["key"], ["text"], ["path"]]


def test_methods_of_a_hidden_parent_belong_to_its_child() -> None:
    code = """
    class _Base:
        def close(self): ...
    class Desk(_Base):
        def open(self): ...
    """
    assert sorted(names(code)) == ["desk.close", "desk.open"]


def test_what_the_file_exports_decides() -> None:
    code = """
    __all__ = ["_odd", "Desk"]
    def _odd(): ...
    def other(): ...
    class Desk:
        def open(self): ...
    class Shelf:
        def open(self): ...
    """
    assert names(code) == ["_odd", "desk.open"]


def test_if_anything_is_decorated_as_a_tool_only_that_is_one() -> None:
    code = """
    TEXT = "Adds " "numbers"
    def helper(): ...
    @app.tool(name="add-numbers", description=TEXT, title="Add")
    def add(a: int): "Not this."
    @function_tool(name_override="sub")
    async def subtract(a: int): "Subtracts."
    @tool("look")
    def _look(where): ...
    def build(server):
        @server.tool()
        def inner(x: int): ...
    """
    tools = found(code)
    assert list(tools) == ["add-numbers", "sub", "look", "inner"]
    assert (tools["add-numbers"].description, tools["add-numbers"].title) == ("Adds numbers", "Add")
    assert tools["sub"].description == "Subtracts."


@pytest.mark.parametrize(
    ("hints", "read_only", "destructive"),
    [
        ("ToolAnnotations(readOnlyHint=True)", True, None),
        ("ToolAnnotations(read_only_hint=False, destructive_hint=True)", False, True),
        ('{"destructiveHint": False}', None, False),
        ("HINTS", None, None),
    ],
)
def test_hints_in_the_decorator_count(
    hints: str, read_only: bool | None, destructive: bool | None
) -> None:
    tool = only(f"@mcp.tool(annotations={hints})\ndef f(): ...")
    assert (tool.read_only, tool.destructive) == (read_only, destructive)


MODELS = '''
class Line(BaseModel):
    item: str
class Base(BaseModel):
    note: str = ""
class PlaceOrder(Base):
    """Place an order."""
    lines: list["Line"]
    gift: bool = Field(False, description="Wrap it")
class _Hidden(BaseModel):
    x: int
'''


def test_models_are_tools_where_nothing_else_is_and_no_other_uses_them() -> None:
    tool = only(f"from pydantic import BaseModel, Field\n{MODELS}", run=True)
    assert (tool.name, tool.description) == ("PlaceOrder", "Place an order.")
    assert required(tool) == ["lines"]
    assert parameters(tool)["gift"] == {
        "type": "boolean",
        "default": False,
        "description": "Wrap it",
    }
    assert names(f"{MODELS}def helper(): ...\n") == ["helper"]


def test_a_model_is_read_where_the_code_is_not_run_and_its_fields_are_known() -> None:
    code = """
    class Look(BaseModel):
        where: str
    @tool("look", args_schema=Look)
    def _look(where): ...
    """
    assert required(only(MODELS)) == ["lines"]
    assert parameters(only(MODELS))["lines"]["items"]["required"] == ["item"]
    assert list(parameters(only(code))) == ["where"]
    (skipped,) = read(code.replace("BaseModel", "vendor.Arguments"))
    assert isinstance(skipped, Skipped)
    assert skipped.tool == "look"
    assert skipped.reason.endswith("known when the code is run only (--run-python)")


def test_the_model_that_a_decorator_names_has_the_parameters() -> None:
    code = """
    from pydantic import BaseModel, Field
    def tool(*names, **more): return lambda function: function
    class Look(BaseModel):
        where: str = Field(description="Where")
    @tool("look", args_schema=Look)
    def _look(where) -> int: ...
    """
    look = only(code, run=True)
    assert parameters(look) == {"where": {"type": "string", "description": "Where"}}
    assert returns(look) == {"type": "integer"}


def test_what_no_call_can_give_is_skipped_or_dropped() -> None:
    code = """
    def sort(items: list[int], key: Callable[[int], int]): ...
    def walk(start: str, seen: Callable | None = None, *more, ctx: Context, **rest: int): ...
    """
    skipped, kept = read(code)
    assert skipped == Skipped(
        "it needs a function for 'key', which no call can give", "sort", "line 2"
    )
    assert isinstance(kept, FoundTool)
    assert list(parameters(kept)) == ["start"]
    assert kept.parameters.value["additionalProperties"] == {"type": "integer"}
    assert kept.repairs == (
        "parameters: *more was dropped",
        "parameters.seen: a function cannot be given, and was dropped",
        "parameters.ctx: is put in by the framework (Context) and was dropped",
    )


def test_a_class_of_the_file_is_no_framework_s() -> None:
    code = """
    class Context(BaseModel):
        topic: str
    def ask(context: Context): ...
    """
    assert list(parameters(only(code))) == ["context"]


def test_what_the_source_does_not_tell_allows_anything_and_is_noted() -> None:
    tool = only("def f(x: vendor.Thing[int], y, z: Annotated[int, Field(ge=N())] = len('a')): ...")
    assert parameters(tool) == {"x": {}, "y": {}, "z": {"type": "integer"}}
    assert tool.repairs == (
        "parameters.x: what 'vendor.Thing[int]' is, is known when the code is run only: "
        "allows anything",
        "parameters.y: has no annotation: allows anything",
        "parameters.z: what 'Annotated[int, Field(ge=N())]' is, is known when the code is run only",
        "parameters.z: its default is known when the code is run only",
    )


def test_two_tools_of_one_name_are_one() -> None:
    code = '@tool("a")\ndef f(): ...\n@tool("a")\ndef g(): ...'
    first, second = read(code)
    assert isinstance(first, FoundTool)
    assert second == Skipped("another tool of the file has this name", "a", "line 4")


STYLES = {
    "google": """
    Finds orders.

    Newest first.
    Args:
        city (str): Where from,
            in English.
        days (int, optional): How many.
        kinds (list of str): Which.
    Returns:
        list[str]: Their numbers.

    Raises:
        KeyError: none
    """,
    "numpy": """
    Finds orders.

    Newest first.

    Parameters
    ----------
    city : str
        Where from,
        in English.
    days : int, optional
        How many.
    kinds : list of str
        Which.

    Returns
    -------
    list[str]
        Their numbers.
    """,
    "sphinx": """
    Finds orders.

    Newest first.

    :param str city: Where from,
        in English.
    :param days: How many.
    :type days: int
    :param kinds: Which.
    :type kinds: list[str]
    :returns: Their numbers.
    :rtype: list[str]
    """,
}


@pytest.mark.parametrize("style", STYLES)
def test_docstrings_describe_and_type_what_has_no_annotation(style: str) -> None:
    tool = only(f'def find(city, days=3, kinds=()):\n    """{STYLES[style]}"""')
    assert tool.description == "Finds orders.\n\nNewest first."
    said = parameters(tool)
    assert " ".join(said.pop("city").pop("description").split()) == "Where from, in English."
    assert said == {
        "days": {"type": "integer", "description": "How many.", "default": 3},
        "kinds": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Which.",
            "default": [],
        },
    }
    assert (required(tool), tool.repairs) == (["city"], ())
    assert tool.returns_from == "documentation"
    assert returns(tool) == {
        "type": "array",
        "items": {"type": "string"},
        "description": "Their numbers.",
    }


def test_annotations_go_before_what_is_documented() -> None:
    code = '''
    def f(x: int) -> bool:
        """Does it.

        Args:
            x (str): The x.

        Returns:
            str: Whether.
        """
    '''
    tool = only(code)
    assert parameters(tool)["x"] == {"type": "integer", "description": "The x."}
    assert (returns(tool), tool.returns_from) == (
        {"type": "boolean", "description": "Whether."},
        "source",
    )


def test_documented_keys_tell_what_a_mapping_holds() -> None:
    code = '''
    def f() -> Dict[str, Any]:
        """Looks.

        Returns:
            status (str): How it is.
            MA(5) (float): An average.
            doors (list of str): All doors.
        """
    '''
    tool = only(code)
    schema = returns(tool)
    assert tool.returns_from == "documentation"
    assert schema is not None
    assert schema["required"] == ["status", "MA(5)", "doors"]
    assert [part["type"] for part in schema["properties"].values()] == ["string", "number", "array"]


@pytest.mark.parametrize("result", ["-> None", "-> Any", "-> Callable[[], int]", ""])
def test_a_result_that_is_nothing_has_no_schema(result: str) -> None:
    assert only(f"def f() {result}: ...").returns is None


def test_notes_in_a_docstring_stay_in_the_description() -> None:
    code = '''
    def f(x: int):
        """Pays.

        Note:
            Cannot be undone.

        Args:
            x: How much.
        """
    '''
    assert only(code).description == "Pays.\n\nNote:\n    Cannot be undone."


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("def f(:\n    pass", "at line 1: not Python: "),
        ("x = 1\n  y = 2", "at line 2: not Python: "),
        ("x = '\0'", "not Python: "),
        ("x = " + "(" * 500, "not Python: "),
    ],
)
def test_what_is_no_python_is_refused_with_its_line(code: str, line: str) -> None:
    assert line in refusal(code)


def test_an_expression_that_is_too_deep_is_refused() -> None:
    code = f"__all__ = ['f']{' + [g]' * 900}\ndef f(): ..."
    assert refusal(code) == "the code is nested too deep to be read"


def test_reading_never_executes(tmp_path: Path) -> None:
    proof = tmp_path / "executed"
    code = f"""
    import pathlib
    pathlib.Path({str(proof)!r}).write_text("yes")
    def f(x: int = pathlib.Path({str(proof)!r}).write_text("yes")) -> str: ...
    """
    assert list(found(code)) == ["f"]
    assert not proof.exists()
    found(code, run=True)
    assert proof.exists()


def test_only_python_source_is_recognised() -> None:
    source = PythonSource("def f(): ...\nclass A:\n    def g(self): ...", "a.py")
    assert python.recognises(source)
    assert [item.name for item in python.tools(source) if isinstance(item, FoundTool)] == ["f", "g"]
    with pytest.raises(InputError, match="the catalogue has no tools"):
        list(python.tools(PythonSource("x = 1", "a.py")))
    for other in ({"tools": []}, [], "def f(): ...", None):
        assert not python.recognises(other)
