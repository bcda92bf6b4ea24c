"""The direction of imports inside packages, which the contracts in pyproject.toml do not see."""

import ast
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

PACKAGES = ("schemas", "data", "generators", "validators", "pipeline")


def name_module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def find_imports(tree: ast.Module, modules: set[str]) -> Iterator[str]:
    """Modules that a module names; a package too, where something is taken from it by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            yield node.module
            inner = (f"{node.module}.{one.name}" for one in node.names)
            yield from (one for one in inner if one in modules)


def find_circles(texts: dict[str, str]) -> list[list[str]]:
    graph = nx.DiGraph()
    for name, text in texts.items():
        graph.add_edges_from((name, one) for one in find_imports(ast.parse(text), {*texts}))
    return [sorted(one) for one in nx.strongly_connected_components(graph) if len(one) > 1]


def test_no_module_imports_what_imports_it_packages_included() -> None:
    root = Path(__file__).parent.parent
    paths = [path for one in PACKAGES for path in (root / one).rglob("*.py")]
    texts = {name_module(path.relative_to(root)): path.read_text() for path in sorted(paths)}
    assert find_circles(texts) == []


@pytest.mark.parametrize(
    "inner", ["from shop import orders", "import shop", "from shop import VERSION"]
)
def test_a_package_and_its_own_module_are_a_circle(inner: str) -> None:
    texts = {"shop": "from shop.desk import serve", "shop.desk": inner, "shop.orders": ""}
    assert find_circles(texts) == [["shop", "shop.desk"]]
    texts["shop.desk"] = "import shop.orders as orders"
    assert find_circles(texts) == []
