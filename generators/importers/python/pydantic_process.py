"""The script that runs a user's file and lets pydantic make the schemas of its tools.

`running` starts it as ``python -P pydantic_process.py REQUEST REPLY``. It knows nothing of this
project, so that the user's own modules are found as they would be without it. `describe` serves a
module that is loaded already, too.
"""

import inspect
import json
import sys
import types
import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

MODULE = "toolweave_source"
_WRAPPED = ("func", "fn", "coroutine", "function", "_func")
"""Where frameworks keep the function of a tool."""


def main(request: str, reply: str) -> None:
    """Run the file and answer for each tool in order."""
    task = json.loads(Path(request).read_text(encoding="utf-8"))
    module = types.ModuleType(MODULE)
    module.__file__ = task["path"]
    sys.modules[MODULE] = module
    sys.path.insert(0, str(Path(task["path"]).parent))
    exec(compile(task["text"], task["path"], "exec"), module.__dict__)
    answers = [describe(module, **tool) for tool in task["tools"]]
    Path(reply).write_text(json.dumps(answers, allow_nan=False), encoding="utf-8")


def describe(
    module: types.ModuleType, path: list[str], names: list[str], model: str
) -> dict[str, Any]:
    """What pydantic makes of a function or a model: the named parameters, and what it returns."""
    try:
        target: Any = module
        for step in path:
            target = getattr(target, step)
        if isinstance(target, type) and issubclass(target, BaseModel):
            return {"parameters": _describe_model(target), "returns": None}
        function = _unwrap(target)
        hints = typing.get_type_hints(function, include_extras=True)
        of_model = getattr(module, model) if model else None
        parameters = (
            _describe_model(of_model) if of_model else _describe_parameters(function, hints, names)
        )
        result = hints.get("return")
        told = result not in (None, type(None))
        adapter = _make_adapter(result, "serialization") if told else None
        returns = adapter.json_schema(mode="serialization") if adapter else None
        return {"parameters": parameters, "returns": returns or None}
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        return {"problem": f"{type(error).__name__}: {lines[0][:200]}"}


def _describe_model(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    if "properties" not in schema:  # a model that holds itself is only referred to
        definition = schema.get("$defs", {}).get(schema.get("$ref", "").rpartition("/")[2], {})
        schema = {**definition, "$defs": schema.get("$defs", {})}
    return {"properties": {}, **schema}


def _unwrap(target: Any) -> Any:
    for name in _WRAPPED:
        inner = getattr(target, name, None)
        if not inspect.isroutine(target) and inspect.isroutine(inner):
            return inspect.unwrap(inner)
    if not callable(target):
        raise TypeError("is no function once the file has run")
    return inspect.unwrap(target)


def _describe_parameters(function: Any, hints: dict[str, Any], names: list[str]) -> dict[str, Any]:
    adapters: dict[str, TypeAdapter[Any]] = {}
    required, defaults = [], {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in names or name not in hints:
            continue
        hint, default = hints[name], parameter.default
        if isinstance(default, FieldInfo):
            hint = typing.Annotated[hint, default]
            default = inspect.Parameter.empty if default.is_required() else default.get_default()
        adapter = _make_adapter(hint, "validation")
        if adapter is None:
            continue
        adapters[name] = adapter
        if default is inspect.Parameter.empty:
            required.append(name)
            continue
        try:
            made = adapter.dump_python(default, mode="json", warnings=False)
            json.dumps(made, allow_nan=False)
        except Exception:  # a default that is no JSON is none that is told
            continue
        defaults[name] = {"default": made}
    schemas, more = TypeAdapter.json_schemas(
        [(name, "validation", adapter) for name, adapter in adapters.items()]
    )
    properties = {
        name: {**schemas[name, "validation"], **defaults.get(name, {})} for name in adapters
    }
    return {"properties": properties, "required": required, "$defs": more.get("$defs", {})}


def _make_adapter(hint: Any, mode: Any) -> Any:
    """What pydantic makes of a type; None where that is no JSON."""
    try:
        adapter = TypeAdapter(hint)
        adapter.json_schema(mode=mode)
    except Exception:
        return None
    return adapter


if __name__ == "__main__":
    main(*sys.argv[1:])
