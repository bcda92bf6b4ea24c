"""Python source that is executed because the user asked for it, and real classes that are not."""

import importlib.util
import json
import time
from pathlib import Path

import pytest

from generators.importers import python
from generators.importers.documents import PythonSource
from generators.importers.found_tools import FoundTool
from generators.importers.normalise import normalise_parameters, normalise_returns
from generators.importers.python.definitions import read_module, select_tools
from generators.importers.python.running import describe_tools
from schemas.errors import InputError
from tests.python_sources import TYPES, found, only, parameters, read, required, returns

BFCL = "eval_checker/multi_turn_eval/func_source_code"


def failure(code: str, time_limit: float = 30) -> str:
    source = PythonSource(code, "shop.py", run=True)
    candidates = select_tools(read_module(code))
    unread = list(python.tools(PythonSource(code, "shop.py")))
    with pytest.raises(InputError) as caught:
        describe_tools(source, candidates, unread, time_limit)
    assert "\n" not in str(caught.value)
    return caught.value.problem


def test_running_tells_what_the_source_does_not(capfd: pytest.CaptureFixture[str]) -> None:
    code = f'''
{TYPES}
print("hello")
Price = Annotated[int, Field(ge=int("2"))]
Dynamic = t.Literal[tuple("ab")]

def sell(price: Price, kind: Dynamic = "a", size: int = len("abc"), *more, note="x") -> Dynamic:
    """Sells.

    Args:
        price: In cents.
    """
'''
    unread, tool = found(code)["sell"], found(code, run=True)["sell"]
    assert parameters(tool) == {
        "price": {"type": "integer", "minimum": 2, "description": "In cents."},
        "kind": {"type": "string", "enum": ["a", "b"], "default": "a"},
        "size": {"type": "integer", "default": 3},
        "note": {"type": "string", "default": "x"},
    }
    assert returns(tool) == {"type": "string", "enum": ["a", "b"]}
    assert required(tool) == required(unread) == ["price"]
    assert (tool.name, tool.description, tool.place) == (unread.name, "Sells.", unread.place)
    assert not any("kind" in note for note in tool.repairs)
    assert any("*more" in note for note in tool.repairs)
    assert capfd.readouterr() == ("", "")


def test_models_and_methods_are_made_by_pydantic_too() -> None:
    models = found(f"{TYPES}\nclass Buy(BaseModel):\n    n: int = Field(int('3'), ge=1)", run=True)
    assert parameters(models["Buy"]) == {"n": {"type": "integer", "default": 3, "minimum": 1}}
    code = "class Desk:\n    def find(self, key: 'list[int]') -> int: ..."
    assert parameters(only(code, run=True))["key"]["items"] == {"type": "integer"}


def test_a_tool_that_cannot_be_reached_is_read_from_the_source_only() -> None:
    code = "def tool(f): return f\ndef build():\n    @tool\n    def inner(x: int): ..."
    tool = only(code, run=True)
    assert parameters(tool) == {"x": {"type": "integer"}}
    assert tool.repairs == ("stands inside a function: read from the source only",)
    gone = only("def f(x: int): ...\ndel f", run=True)
    assert parameters(gone) == {"x": {"type": "integer"}}
    assert gone.repairs[0].startswith("read from the source only: AttributeError")


def test_what_a_file_imports_is_found_beside_it(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("Size = int\n")  # one of ours has this name too
    code = "from module import Size\ndef f(x: Size): ..."
    (tool,) = read(code, run=True, name=str(tmp_path / "shop.py"))
    assert isinstance(tool, FoundTool)
    assert parameters(tool) == {"x": {"type": "integer"}}
    assert tool.repairs == ()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise ValueError('first\\nlast')", "ValueError: first"),
        ("raise SystemExit('no way')", "no way"),
        ("input()", "EOFError: EOF when reading a line"),
        ("import sys; sys.exit(0)", "it ended before its end was reached"),
        ("import sys; sys.exit(3)", "it ended with 3"),
        ("import os; os.kill(os.getpid(), 9)", "it ended with -9"),
    ],
)
def test_code_that_fails_is_told_by_what_it_says_last(statement: str, problem: str) -> None:
    assert failure(f"def f(): ...\n{statement}") == f"running it failed: {problem}"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_code_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = f"""
import pathlib, subprocess, sys, time
def f(): ...
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path({str(note)!r}).write_text(str(child.pid))
time.sleep(60)
"""
    for seconds in (1, 5, 25, 125):  # however long a busy machine takes until it is noted
        told = failure(code, time_limit=seconds)
        if note.exists():
            break
    assert told == f"running it failed: it did not end within {seconds} s"
    assert _ends(int(note.read_text()))


def _ends(pid: int) -> bool:
    """A killed orphan is gone, or dead and not yet fetched, very soon."""
    stat = Path(f"/proc/{pid}/stat")
    for _ in range(100):
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def environment(name: str) -> str:
    spec = importlib.util.find_spec("bfcl_eval")
    if spec is None or spec.origin is None:
        pytest.skip("bfcl-eval is not installed")
    return (Path(spec.origin).parent / BFCL / f"{name}.py").read_text()


def test_a_real_class_is_read_as_its_authors_document_it() -> None:
    tools = found(environment("trading_bot"))
    assert len(tools) == 20
    assert {tool.domain for tool in tools.values()} == {"trading_bot"}
    order = tools["place_order"]
    assert required(order) == ["order_type", "symbol", "price", "amount"]
    assert parameters(order)["price"]["type"] == "number"
    assert "Args" not in order.description
    info = returns(tools["get_stock_info"])
    assert info is not None
    assert [*info["properties"]] == ["price", "percent_change", "volume", "MA(5)", "MA(20)"]
    assert tools["get_stock_info"].returns_from == "documentation"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("module", "document"),
    [
        ("gorilla_file_system", "gorilla_file_system"),
        ("math_api", "math_api"),
        ("message_api", "message_api"),
        ("posting_api", "posting_api"),
        ("ticket_api", "ticket_api"),
        ("trading_bot", "trading_bot"),
        ("travel_booking", "travel_booking"),
        ("vehicle_control", "vehicle_control"),
    ],
)
def test_real_classes_agree_with_their_published_documents(module: str, document: str) -> None:
    path = Path(__file__).resolve().parents[1].parent / "shared/real/bfcl/func_docs"
    if not path.exists():
        pytest.skip("the folder ../shared is absent")
    lines = (path / f"{document}.json").read_text().splitlines()
    published = {tool["name"]: tool for tool in map(json.loads, lines)}
    tools = found(environment(module))
    assert published.keys() <= tools.keys()
    for name, tool in published.items():
        assert set(parameters(tools[name])) == set(tool["parameters"]["properties"]), name
        assert set(required(tools[name])) == set(tool["parameters"]["required"]), name


def test_every_real_class_gives_sound_schemas() -> None:
    for name in ("vehicle_control", "travel_booking", "memory_kv", "web_search"):
        for tool in found(environment(name)).values():
            normalise_parameters(tool.parameters.value)
            if tool.returns:
                normalise_returns(tool.returns.value)


def test_a_result_without_annotation_has_no_schema_when_run_either() -> None:
    tools = found("def f(x: int): ...\ndef g() -> None: ...", run=True)
    assert [tool.returns for tool in tools.values()] == [None, None]
