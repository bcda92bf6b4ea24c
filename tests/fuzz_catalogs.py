"""Damaged catalogues: whatever is done to a file, it is read or refused in one clear line.

``python -m tests.fuzz_catalogs [N] [--seed SEED] [--case NUMBER]``

Real files and the project's own, whatever their format, are damaged in their structure and in
their bytes; others are made up. What is read must also survive inference and a round trip. Ends
with 1 at any other outcome, and tells the case by which it is made again.
"""

import argparse
import collections
import copy
import json
import random
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from benchmarks.lines import Line
from generators.importers import read_catalog
from generators.importers.documents import PythonSource, load_document
from generators.importers.normalise import normalise_parameters, normalise_returns
from generators.world.infer import infer_world
from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.tool import Catalog

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (ROOT / "data" / "catalogs", ROOT.parent / "shared" / "real")
SUFFIXES = (".json", ".jsonl", ".yaml", ".yml", ".py")
LARGEST = 60
"""Entries of a list that are kept of a real file: a case should take milliseconds."""

Change = Callable[[random.Random, Any], Any]


def sources() -> tuple[Path, ...]:
    """Every file from which damaged ones are made."""
    files = (path for folder in FOLDERS for path in sorted(folder.rglob("*")))
    return tuple(path for path in files if path.suffix in SUFFIXES)


def made(seed: int, case: int, files: tuple[Path, ...]) -> tuple[str, bytes]:
    """The name and the bytes of a damaged file."""
    rng = random.Random(derive_seed("fuzz", seed, case))
    if not files or rng.random() < 0.3:
        return _written(rng, _damaged(rng, invented(rng), rng.randint(0, 3)), ".json")
    path = rng.choice(files)
    document = _loaded(path)
    if document is None or isinstance(document, PythonSource) or rng.random() < 0.15:
        return f"fuzzed{path.suffix}", _torn(rng, path.read_bytes())
    damaged = _damaged(rng, _smaller(rng, document), rng.randint(1, 4))
    return _written(rng, damaged, path.suffix)


def examine(folder: Path, name: str, raw: bytes) -> str:
    """What became of a file, in words; any error but `InputError` passes through."""
    path = folder / name
    path.write_bytes(raw)
    try:
        catalog = read_catalog([path])
    except InputError as error:
        assert_told(error, path)
        return f"refused: {_class_of(error.problem)}"
    assert_sound(catalog)
    return "read, some tools skipped" if catalog.skipped else "read"


def assert_told(error: InputError, path: Path) -> None:
    """A message is one line, names the file, and says something."""
    assert error.file == str(path), f"names the file {error.file!r}"
    assert error.problem.strip(), "says nothing"
    assert len(str(error).splitlines()) == 1, f"is no single line: {str(error)!r}"


def assert_sound(catalog: Catalog) -> None:
    """What was read can be used by every later stage."""
    assert catalog.tools, "an empty catalogue"
    assert len(catalog.by_name) == len(catalog.tools), "wire names are not one-to-one"
    assert Catalog.model_validate_json(catalog.model_dump_json()) == catalog, "no round trip"
    for tool in catalog.tools:
        Draft202012Validator.check_schema(tool.parameters)
        assert normalise_parameters(tool.parameters)[0] == tool.parameters, "not idempotent"
        if tool.returns is not None:
            Draft202012Validator.check_schema(tool.returns)
            assert normalise_returns(tool.returns)[0] == tool.returns, "not idempotent"
    for skipped in catalog.skipped:
        assert len(str(skipped).splitlines()) == 1
        assert skipped.reason
    infer_world(catalog.tools)


def _class_of(problem: str) -> str:
    """A problem without what differs from file to file."""
    plain = re.sub(r"'[^']*'|\"[^\"]*\"|0x\w+|\d[\d,.]*|\\u\w+", "…", problem)
    return plain.partition(", which are:")[0].partition("; types are")[0][:70]


# What is damaged


def _loaded(path: Path) -> Any:
    try:
        return load_document(path)
    except InputError:
        return None


def _smaller(rng: random.Random, value: Any) -> Any:
    """A copy of which long lists and large objects keep a part."""
    if isinstance(value, list):
        kept = value if len(value) <= LARGEST else rng.sample(value, rng.randint(1, 8))
        return [_smaller(rng, item) for item in kept]
    if isinstance(value, dict):
        names = list(value)
        names = names if len(names) <= LARGEST else rng.sample(names, 10)
        return {name: _smaller(rng, value[name]) for name in names}
    return value


def _damaged(rng: random.Random, document: Any, times: int) -> Any:
    holder = [document]
    for _ in range(times):
        spots = list(_spots(holder))
        container, key = rng.choice(spots)
        # Near the top, damage tells of the form of the document: it should not be rare.
        if rng.random() < 0.3:
            container, key = rng.choice(spots[:12])
        rng.choice(CHANGES)(rng, container, key)
        if not holder:
            return None
    return holder[0]


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list and object with each of its keys, level by level."""
    level = [value]
    while level:
        pairs = [(item, key) for item in level for key in _keys(item)]
        yield from pairs
        level = [item[key] for item, key in pairs]


def _keys(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


def _delete(rng: random.Random, container: Any, key: Any) -> None:
    del rng
    del container[key]


def _duplicate(rng: random.Random, container: Any, key: Any) -> None:
    twin = copy.deepcopy(container[key])
    if isinstance(container, list):
        container.insert(rng.randint(0, len(container)), twin)
    else:
        container[f"{key}_2"] = twin


def _retype(rng: random.Random, container: Any, key: Any) -> None:
    container[key] = rng.choice(STRANGE)(container[key])


def _rename(rng: random.Random, container: Any, key: Any) -> None:
    if isinstance(container, dict):
        container[rng.choice(KEYWORDS)] = container.pop(key)
    else:
        _retype(rng, container, key)


def _swap(rng: random.Random, container: Any, key: Any) -> None:
    other = rng.choice(_keys(container))
    container[key], container[other] = container[other], container[key]


def _add(rng: random.Random, container: Any, key: Any) -> None:
    del key
    value = _value(rng)
    if isinstance(container, dict):
        container[rng.choice(KEYWORDS)] = value
    else:
        container.append(value)


def _replace(rng: random.Random, container: Any, key: Any) -> None:
    container[key] = _value(rng)


def _cut(rng: random.Random, container: Any, key: Any) -> None:
    if isinstance(container[key], str):
        container[key] = container[key][: rng.randint(0, len(container[key]))]
    else:
        _delete(rng, container, key)


def _nest(rng: random.Random, container: Any, key: Any) -> None:
    for _ in range(rng.choice((1, 3, 33, 110))):
        around = rng.choice(("properties", "items", "list"))
        inner = container[key]
        container[key] = [inner] if around == "list" else {around: inner}


def _refer(rng: random.Random, container: Any, key: Any) -> None:
    """References that lead nowhere, upwards, or round in circles."""
    target = rng.choice(
        ("#", "#/properties", "#/$defs/a", "#/properties/a", "other.json", "#a", "")
    )
    loop = {"a": {"$ref": "#/$defs/b"}, "b": {"properties": {"x": {"$ref": "#/$defs/a"}}}}
    container[key] = {"$ref": target, "$defs": loop}


CHANGES = (
    _delete, _duplicate, _retype, _rename, _swap, _add, _replace, _cut, _nest, _refer,
)  # fmt: skip
STRANGE: tuple[Callable[[Any], Any], ...] = (
    str, repr, json.dumps, lambda value: [value], lambda value: {"type": value}, bool,
    lambda value: {str(value)[:20]: value}, lambda _: None, lambda value: len(str(value)),
)  # fmt: skip
ODD = "\u0000\u2028\u202e\ud7ff\U0001f468\u200d\U0001f469 \r\n\t\"'`{}[]<|im_start|>ﬁé\u0301日本"
TYPES = ("int", "List[int]", "str, optional", "Union[str, int]", "any", "ENUM", "", ODD)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**400, 1e308, 5e-324, "", " ", "\n", ODD, ODD * 200, "a" * 70_000,
    [], {}, [[]], [None], [{}], {"": ""}, {"\n": {}}, "object", "dict", "List[int]",
    "str, optional",
    "Union[" * 30, "Tuple[int, str]", "any", "HashMap<String, List<Integer>>", "#/$defs/a", "null",
    {"type": "object", "properties": {"type": {"type": "str"}, "properties": {"type": "int"}}},
    {"type": ["string", "int", None]}, {"enum": []}, {"enum": [1, 1]}, {"required": ["ghost"]},
    {"pattern": "("}, {"pattern": "(a+)+$"}, {"multipleOf": 0}, {"minimum": "1"}, {"const": {}},
    {"default": "10", "type": "integer"}, {"default": 1e300, "type": "integer", "multipleOf": 3},
    {"items": [True, {"type": "int"}]}, {"anyOf": [{"type": "null"}, {"type": "str"}]},
    {"type": "object", "additionalProperties": {"$ref": "#"}}, {"$ref": "#", "nullable": True},
    {"format": "date", "example": "x"}, {"allOf": [{"properties": {"a": False}}]},
)  # fmt: skip
KEYWORDS = (
    "name", "api_name", "tool_name", "title", "description", "parameters", "inputSchema",
    "input_schema", "outputSchema", "annotations", "function", "functions", "tools", "type",
    "api_list", "required_parameters", "optional_parameters", "schema", "body", "url", "method",
    "response", "responses", "returns", "required", "optional", "properties", "items", "enum",
    "default", "anyOf", "oneOf", "allOf", "not", "$ref", "$defs", "definitions", "$id", "$schema",
    "$anchor", "pattern", "patternProperties", "additionalProperties", "prefixItems", "nullable",
    "minimum", "exclusiveMinimum", "dependencies", "result", "nextCursor", "strict", "openapi",
    "swagger", "paths", "get", "post", "components", "requestBody", "content", "in", "question",
    "instruction", "template_response", "const", "format", "example", "examples", "", "a\nb", ODD,
)  # fmt: skip


# What is made up


def invented(rng: random.Random) -> Any:
    """A small catalogue in one of the forms, or rows of such."""
    tools = [_tool(rng, rng.choice(("a", "b", "get it", "x.y", ODD))) for _ in range(3)]
    wrap: Callable[[Any], Any] = rng.choice(
        (
            list, lambda found: {"tools": found}, lambda found: {"functions": found},
            lambda found: {"result": {"tools": found}}, lambda found: {"tools": json.dumps(found)},
            lambda found: {"tools": repr(found)},
            lambda found: [{"question": "q", "function": found}],
            lambda found: [{"tools": json.dumps(found)}] * 2, lambda found: found[0],
            lambda found: [{"api_list": found, "query": "q"}], json.dumps,
            lambda found: {"tool_name": "T", "api_list": found},
        )
    )  # fmt: skip
    return wrap(tools)


def _tool(rng: random.Random, name: str) -> dict[str, Any]:
    schema = {"type": rng.choice(("object", "dict")), "properties": {"a": _value(rng)},
              "required": ["a"]}  # fmt: skip
    forms: tuple[dict[str, Any], ...] = (
        {"type": "function", "function": {"name": name, "parameters": schema}},
        {"type": "function", "name": name, "parameters": schema, "strict": True},
        {"name": name, "parameters": schema, "response": _value(rng)},
        {"name": name, "inputSchema": schema, "outputSchema": _value(rng)},
        {"name": name, "input_schema": schema},
        {"name": name, "parameters": {"a": {"type": rng.choice(TYPES), "default": ""}}},
        {"api_name": name, "parameters": {"a": _value(rng)}, "required": ["a"], "responses": {}},
        {"name": name, "method": "GET", "url": "https://h/p?key=abc", "body": _value(rng),
         "required_parameters": [{"name": "a", "type": "STRING", "default": _value(rng)}],
         "optional_parameters": [{"name": "b", "type": "NUMBER", "default": "1"}]},
    )  # fmt: skip
    return json.loads(json.dumps(rng.choice(forms)))  # type: ignore[no-any-return]


def _value(rng: random.Random) -> Any:
    """One of the strange values; a copy, since later damage may change it."""
    return copy.deepcopy(rng.choice(VALUES))


# How it is written


def _written(rng: random.Random, document: Any, suffix: str) -> tuple[str, bytes]:
    """As JSON, with escapes or without, as JSON Lines, or as what is YAML all the same."""
    text = json.dumps(document, ensure_ascii=rng.random() < 0.5, indent=rng.choice((None, 1)))
    if isinstance(document, list) and document and rng.random() < 0.2:
        text, suffix = "\n".join(map(json.dumps, document)), ".jsonl"
    elif rng.random() < 0.2 and isinstance(document, dict):
        text = "\n".join(f"{json.dumps(key)}: {json.dumps(document[key])}" for key in document)
        suffix = ".yaml"
    raw = text.encode("utf-8", "surrogatepass")
    if suffix == ".py":
        suffix = ".json"
    return f"fuzzed{suffix}", _torn(rng, raw) if rng.random() < 0.1 else raw


def _torn(rng: random.Random, raw: bytes) -> bytes:
    """Cut off, flipped bytes, another encoding, or something in between."""
    kind = rng.randrange(5)
    if kind == 0:
        return raw[: rng.randint(0, len(raw))]
    if kind == 1:
        torn = bytearray(raw[:200_000])
        for _ in range(rng.randint(1, 8)):
            if torn:
                torn[rng.randrange(len(torn))] = rng.randrange(256)
        return bytes(torn)
    if kind == 2:
        encoding = rng.choice(("utf-16", "utf-32", "latin-1", "utf-8-sig", "cp037"))
        return raw.decode("utf-8", "replace").encode(encoding, "replace")
    at = rng.randint(0, len(raw))
    middle = rng.choice(
        (b"\x00", b"[" * 5000, b"&a [*a]\n", b"\xed\xa0\x80", b"{%", b"\n- !!x y\n")
    )
    return raw[:at] + middle + raw[at:]


def run(count: int, seed: int, first: int = 0) -> tuple[collections.Counter[str], list[int]]:
    """Outcomes of so many cases, and the numbers of those that ended in another error."""
    files = sources()
    outcomes: collections.Counter[str] = collections.Counter()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for case in range(first, first + count):
            name, raw = made(seed, case, files)
            try:
                outcomes[examine(Path(folder), name, raw)] += 1
            except Exception:
                failed.append(case)
                outcomes["FAILED"] += 1
                traceback.print_exc()
                print(f"again: python -m tests.fuzz_catalogs --seed {seed} --case {case}")  # noqa: T201
    return outcomes, failed


def survive(count: int) -> Iterator[Line]:
    """So many cases of seed 0: none may end in anything but a catalogue or one clear line."""
    outcomes, failed = run(count, 0)
    ended = sum(outcomes.values())
    kinds: collections.Counter[str] = collections.Counter()
    for outcome, cases in outcomes.items():
        kinds[outcome.partition(":")[0]] += cases
    told = ", ".join(f"{cases} {kind}" for kind, cases in kinds.most_common())
    held = ended == count > 0 and not failed
    yield Line(f"{count} damaged catalogues", "read, or refused in one line", told, held)


def main() -> int:
    """Examine the cases and print what became of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int)
    asked = parser.parse_args()
    if asked.case is None:
        outcomes, failed = run(asked.count, asked.seed)
    else:
        outcomes, failed = run(1, asked.seed, asked.case)
    for outcome, count in outcomes.most_common():
        print(f"{count:6} {outcome}")  # noqa: T201
    total = f"{sum(outcomes.values())} cases of {len(sources())} files"
    print(f"{total}, {len(failed)} failed: {failed[:20]}")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
