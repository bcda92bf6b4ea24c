"""How the code is built: sizes, functions, one-use helpers, layers, and the depth of one dialogue.

    python -m benchmarks.house [ROOT]

Prints a table to set beside that of another state of the project (give its folder as ROOT). Lines
include blanks and docstrings. A helper is *used once* where it is private, stands in one
module and is named there once beside its definition.
"""

import ast
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("schemas", "data", "generators", "validators", "pipeline")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def main(root: Path) -> None:
    """Print the figures of the project in ``root``."""
    trees = {
        path.relative_to(root): ast.parse(path.read_text())
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
    }
    texts = {path: (root / path).read_text() for path in trees}
    for package in (*PACKAGES, ""):
        own = {
            path: tree for path, tree in trees.items() if path.parts[0] == package or not package
        }
        print_sizes(package or "all", own, texts)
    within = [path for path in trees if path.parts[0] == "generators"]
    print_names(within, trees)
    for package in ("generators.sandbox", "generators.language", "generators.tasks"):
        say(f"{package}: {count_layers(package, trees)} layers of imports")
    say(f"deepest call of one dialogue: {measure_depth(root)}")


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def print_sizes(name: str, trees: dict[Path, ast.Module], texts: dict[Path, str]) -> None:
    """Print one package's line."""
    lines = sum(texts[path].count("\n") for path in trees)
    functions = [f for tree in trees.values() for f in find_functions(tree)]
    lengths = sorted(length(f) for f in functions) or [0]
    once = [f for path, tree in trees.items() for f in find_used_once(tree, texts[path])]
    share = 100 * sum(length(f) for f in once) / max(lines, 1)
    annotated = sum(is_annotated(f) for f in functions) / max(len(functions), 1)
    say(
        f"{name:11} {len(trees):4} modules {lines:6} lines  "
        f"{1000 * len(functions) / max(lines, 1):5.1f} functions/kLOC  "
        f"used once {len(once):4} = {100 * len(once) / max(len(functions), 1):4.1f} % "
        f"of functions, {share:4.1f} % of lines  "
        f"p50 {lengths[len(lengths) // 2]} p90 {lengths[int(len(lengths) * 0.9)]} "
        f"max {lengths[-1]}  annotated {100 * annotated:.1f} %"
    )


def print_names(paths: list[Path], trees: dict[Path, ast.Module]) -> None:
    """Print module and class names that stand more than once in generators."""
    stems = Counter(path.stem for path in paths if path.stem != "__init__")
    classes = Counter(
        node.name
        for path in paths
        for node in trees[path].body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    for what, counted in (("modules", stems), ("classes", classes)):
        twice = sorted(name for name, count in counted.items() if count > 1)
        say(f"{what} of one name in generators: {len(twice)} {' '.join(twice)}")


def find_functions(tree: ast.AST) -> Iterator[Function]:
    """All functions and methods."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines from ``def`` to the end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def is_annotated(function: Function) -> bool:
    """Whether every parameter but ``self`` and the result is annotated."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return function.returns is not None and all(
        one.annotation is not None or one.arg in ("self", "cls") for one in every
    )


def find_used_once(tree: ast.Module, text: str) -> Iterator[Function]:
    """Private functions that one place of their module names."""
    del text
    uses: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            uses[node.id] += 1
        elif isinstance(node, ast.Attribute):
            uses[node.attr] += 1
    for function in find_functions(tree):
        private = function.name.startswith("_") and not function.name.startswith("__")
        if private and uses[function.name] == 1:
            yield function


def count_layers(package: str, trees: dict[Path, ast.Module]) -> int:
    """The longest chain of imports inside a package, in modules."""
    needs: dict[str, set[str]] = defaultdict(set)
    own = {".".join(path.with_suffix("").parts) for path in trees}
    for path, tree in trees.items():
        name = ".".join(path.with_suffix("").parts)
        if not name.startswith(f"{package}."):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                named = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
                needs[name] |= {one for one in named if one in own and one.startswith(package)}
    depths: dict[str, int] = {}

    def find_depth(name: str) -> int:
        if name not in depths:
            depths[name] = 0  # a circle, which import-linter would refuse
            depths[name] = 1 + max((find_depth(one) for one in needs[name] - {name}), default=0)
        return depths[name]

    return max((find_depth(name) for name in list(needs)), default=0)


_DEPTH = """
import asyncio, sys
from pathlib import Path
try:
    from generators.studio import open_studio
except ImportError:
    from generators.candidates import open_studio
from generators.importers import read_catalog
try:
    from generators.embedding import HashEmbedder
except ImportError:
    from generators.graph.embedding import HashEmbedder
from schemas.trajectory import Roles

catalog = read_catalog([Path("data/catalogs/food_delivery.json")])
studio = open_studio(catalog, HashEmbedder())
roles = Roles(user="scripted", assistant="scripted", tools="sandbox")
asyncio.run(studio.candidate(1, 6, studio.scripted, roles))
depth, deepest, files, functions = 0, 0, set(), set()
def watch(frame, event, arg):
    global depth, deepest
    if "/generators/" not in frame.f_code.co_filename:
        return
    if event == "call":
        depth += 1
        if depth > deepest:
            deepest = depth
        files.add(frame.f_code.co_filename)
        functions.add(frame.f_code)
    elif event == "return":
        depth -= 1
sys.setprofile(watch)
asyncio.run(studio.candidate(1, 7, studio.scripted, roles))
sys.setprofile(None)
named = {one for one in functions if not one.co_name.startswith("<")}
print(f"{deepest} ({len(named)} functions in {len(files)} files)")
"""


def measure_depth(root: Path) -> str:
    """Frames of generators on the stack at the deepest moment of candidate 7, food delivery."""
    done = subprocess.run(
        [sys.executable, "-c", _DEPTH],
        cwd=root, env={"PYTHONPATH": str(root.resolve()), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip() or f"not measured: {done.stderr.strip().splitlines()[-1:]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path())
