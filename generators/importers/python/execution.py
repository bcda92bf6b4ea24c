"""Runs a Python file, where the user asked for it, so that pydantic makes its schemas.

The file runs in a process of its own, without input, with its output kept from the terminal and
for a limited time. Which definitions are tools is decided from the source as ever; what the
process tells makes their schemas richer.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from generators.importers.found import FoundTool, Place, Skipped
from generators.importers.python.child import describe
from generators.importers.python.selection import Candidate
from generators.importers.python_source import PythonSource
from schemas.errors import InputError
from schemas.record import JsonObject

TIME_LIMIT = 60.0
"""Seconds; importing large frameworks takes many."""

_NAMED = re.compile(r"[A-Za-z_][\w.]*: ")
_SCRIPT = Path(__file__).with_name("child.py")


def enrich(
    source: PythonSource,
    candidates: Sequence[Candidate],
    found: Sequence[FoundTool | Skipped],
    time_limit: float = TIME_LIMIT,
) -> list[FoundTool | Skipped]:
    """The same tools with the schemas that pydantic makes. Raises InputError where it fails."""
    wanted = [
        {"path": candidate.path, "names": list(item.parameters.value["properties"])}
        for candidate, item in zip(candidates, found, strict=True)
        if isinstance(item, FoundTool) and candidate.reachable
    ]
    answers = iter(_run(source, wanted, time_limit))
    enriched: list[FoundTool | Skipped] = []
    for candidate, item in zip(candidates, found, strict=True):
        if isinstance(item, Skipped):
            enriched.append(item)
        elif not candidate.reachable:
            note = "stands inside a function: read from the source only"
            enriched.append(replace(item, repairs=(*item.repairs, note)))
        else:
            enriched.append(_richer(item, next(answers)))
    return enriched


def enrich_loaded(
    module: ModuleType, candidates: Sequence[Candidate], found: Sequence[FoundTool | Skipped]
) -> list[FoundTool | Skipped]:
    """As `enrich`, for a module that has been imported already: no process is needed."""
    return [
        _richer(
            item,
            describe(module, list(candidate.path), list(item.parameters.value["properties"])),
        )
        if isinstance(item, FoundTool)
        else item
        for candidate, item in zip(candidates, found, strict=True)
    ]


def _run(source: PythonSource, wanted: list[Any], time_limit: float) -> list[JsonObject]:
    with TemporaryDirectory(prefix="toolweave-") as folder:
        request, reply = Path(folder, "request.json"), Path(folder, "reply.json")
        path = str(Path(source.name).absolute())
        task = {"text": source.text, "path": path, "tools": wanted}
        request.write_text(json.dumps(task), encoding="utf-8")
        complaint = _finish([str(request), str(reply)], time_limit)
        if complaint is not None:
            raise InputError(f"running it failed: {complaint}")
        try:
            answers = json.loads(reply.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise InputError("running it failed: it ended before its end was reached") from None
    return list(answers)


def _finish(arguments: list[str], time_limit: float) -> str | None:
    """Run the script to its end; what it complains of, or None."""
    # Without -P the folder of the script would come first among those that are imported from.
    command = [sys.executable, "-P", str(_SCRIPT), *arguments]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, errors = process.communicate(timeout=time_limit)
    except subprocess.TimeoutExpired:
        return f"it did not end within {time_limit:g} s"
    finally:
        _end(process)
    if process.returncode == 0:
        return None
    lines = errors.decode(errors="replace").strip().splitlines()
    # What an exception says may go on below the line that names it.
    named = [line for line in lines if _NAMED.match(line)]
    said = (named or lines or [f"it ended with {process.returncode}"])[-1]
    return "".join(mark for mark in said.strip() if mark.isprintable())[:200]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()


def _richer(tool: FoundTool, answer: JsonObject) -> FoundTool:
    if "problem" in answer:
        note = f"read from the source only: {answer['problem']}"
        return replace(tool, repairs=(*tool.repairs, note))
    parameters = _merged(tool.parameters.value, answer["parameters"])
    tool = replace(tool, parameters=Place("parameters", parameters), repairs=_still(tool, answer))
    told = answer["returns"]
    if told and tool.returns_from == "source":
        text = (tool.returns.value if tool.returns else {}).get("description")
        about = {"description": text} if text and "description" not in told else {}
        return replace(tool, returns=Place("returns", {**told, **about}))
    return tool


def _merged(read: JsonObject, made: JsonObject) -> JsonObject:
    """What pydantic made, with the descriptions and whatever else only the source has."""
    properties = {
        name: _described(made["properties"][name], schema) if name in made["properties"] else schema
        for name, schema in read["properties"].items()
    }
    required = set(made.get("required", ()))
    required |= set(read.get("required", ())) - made["properties"].keys()
    definitions = {**read.get("$defs", {}), **made.get("$defs", {})}
    merged = {key: value for key, value in read.items() if key not in ("$defs", "required")}
    merged["properties"] = properties
    if required:
        merged["required"] = [name for name in properties if name in required]
    return {**merged, "$defs": definitions} if definitions else merged


def _described(made: JsonObject, read: JsonObject) -> JsonObject:
    if "description" in made or "description" not in read:
        return made
    return {**made, "description": read["description"]}


def _still(tool: FoundTool, answer: JsonObject) -> tuple[str, ...]:
    """What had to be repaired in the source and was told by running it is no repair."""
    told = {f"parameters.{name}" for name in answer["parameters"]["properties"]}
    told |= {"returns"} if answer["returns"] else set()
    places = ((note.partition(":")[0].split("[")[0], note) for note in tool.repairs)
    return tuple(
        note for place, note in places if not any(f"{place}.".startswith(f"{one}.") for one in told)
    )
