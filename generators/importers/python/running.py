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
from typing import Any

from generators.importers.documents import PythonSource
from generators.importers.found_tools import FoundTool, SchemaPlace, Skipped
from generators.importers.python.definitions import ToolDefinition
from generators.importers.python.pydantic_process import describe
from schemas.errors import InputError
from schemas.record import JsonObject

TIME_LIMIT = 60.0
"""Seconds; importing large frameworks takes many."""

_NAMED = re.compile(r"[A-Za-z_][\w.]*: ")
_SCRIPT = Path(__file__).with_name("pydantic_process.py")


def describe_tools(
    source: PythonSource,
    candidates: Sequence[ToolDefinition],
    found: Sequence[FoundTool | Skipped],
    time_limit: float = TIME_LIMIT,
) -> list[FoundTool | Skipped]:
    """The same tools with the schemas that pydantic makes. Raises InputError where it fails.

    A module that has been imported already is asked in this process: nothing is executed.
    """
    wanted: list[JsonObject] = [
        {
            "path": list(candidate.path),
            "names": list((item.parameters.value or {}).get("properties", ())),
            "model": candidate.model,
        }
        for candidate, item in zip(candidates, found, strict=True)
        if isinstance(item, FoundTool) and candidate.reachable
    ]
    loaded = source.loaded
    if loaded is not None:
        answers = iter([describe(loaded, **one) for one in wanted])
    else:
        answers = iter(_run_file(source, wanted, time_limit))
    described: list[FoundTool | Skipped] = []
    for candidate, item in zip(candidates, found, strict=True):
        if isinstance(item, Skipped):
            described.append(item)
        elif not candidate.reachable:
            note = "stands inside a function: read from the source only"
            described.append(replace(item, repairs=(*item.repairs, note)))
        else:
            described.append(_add_answer(item, next(answers), bool(candidate.model)))
    return described


def _run_file(source: PythonSource, wanted: list[Any], time_limit: float) -> list[JsonObject]:
    """The answers of a process that runs the file. Raises InputError where it fails."""
    with TemporaryDirectory(prefix="toolweave-") as folder:
        request, reply = Path(folder, "request.json"), Path(folder, "reply.json")
        path = str(Path(source.name).absolute())
        task = {"text": source.text, "path": path, "tools": wanted}
        request.write_text(json.dumps(task), encoding="utf-8")
        # Without -P the folder of the script would come first among those that are imported from.
        process = subprocess.Popen(
            [sys.executable, "-P", str(_SCRIPT), str(request), str(reply)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            _, errors = process.communicate(timeout=time_limit)
        except subprocess.TimeoutExpired:
            problem = f"running it failed: it did not end within {time_limit:g} s"
            raise InputError(problem) from None
        finally:
            # End the process and what it started.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                process.kill()
            process.wait()
            if process.stderr:
                process.stderr.close()
        if process.returncode != 0:
            lines = errors.decode(errors="replace").strip().splitlines()
            # What an exception says may go on below the line that names it.
            named = [line for line in lines if _NAMED.match(line)]
            said = (named or lines or [f"it ended with {process.returncode}"])[-1].strip()
            told = "".join(mark for mark in said if mark.isprintable())[:200]
            raise InputError(f"running it failed: {told}")
        try:
            return list(json.loads(reply.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            raise InputError("running it failed: it ended before its end was reached") from None


def _add_answer(tool: FoundTool, answer: JsonObject, is_model: bool) -> FoundTool | Skipped:
    """The tool with what pydantic made of it; descriptions and the like only the source has."""
    read: JsonObject | None = tool.parameters.value
    if "problem" in answer and read is None:
        return Skipped(f"its model cannot be read: {answer['problem']}", tool.name, tool.place)
    if "problem" in answer:
        note = f"read from the source only: {answer['problem']}"
        return replace(tool, repairs=(*tool.repairs, note))
    made, told = answer["parameters"], answer["returns"]
    # What the source did not tell and running it did is no repair any more.
    known = {f"parameters.{name}" for name in made["properties"]}
    known |= {word for word, is_told in (("returns", told), ("parameters", is_model)) if is_told}
    repairs = tuple(note for note in tool.repairs if note.partition(":")[0] not in known)
    parameters = made
    if read is not None and not is_model:
        properties = dict(read["properties"])
        for name, schema in made["properties"].items():
            before = properties[name]
            about = {"description": before["description"]} if "description" in before else {}
            properties[name] = {**about, **schema}
        required = set(made.get("required", ()))
        required |= set(read.get("required", ())) - made["properties"].keys()
        parameters = {**read, "properties": properties}
        parameters["required"] = [name for name in properties if name in required]
        if made.get("$defs"):
            parameters["$defs"] = made["$defs"]
    tool = replace(tool, parameters=SchemaPlace("parameters", parameters), repairs=repairs)
    if told and tool.returns_from == "source":
        text = (tool.returns.value if tool.returns else {}).get("description")
        about = {"description": text} if text and "description" not in told else {}
        return replace(tool, returns=SchemaPlace("returns", {**told, **about}))
    return tool
