"""Begins a file of corrections: all that was inferred, as comments in the form that is read.

Whoever finds something wrong takes the ``#`` away and changes the value; a file of comments alone
changes nothing. Tools whose inference is in doubt come first.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.files import replace_file, writing
from pipeline.sandbox_report import SandboxTold, ToolTold
from schemas.errors import OutputError

_HEAD = """\
# What toolweave inferred of these tools. To correct something, take the '#' away in front of the
# tool or entity, of the keys above it, and of what is to be changed. What stays a comment stays as
# it was inferred.
#
# operation: get, list, search, create, update, delete, transition or compute.
# transition: the field and the value that the tool sets by itself.
# use of a parameter: identity, reference, filter, minimum, maximum, query, field, option, input.
"""


def refuse_existing(path: Path) -> None:
    """Raise OutputError where there is something already."""
    if path.exists():
        raise OutputError(f"{path}: exists already; name a new file")


def write_correction_file(path: Path, told: SandboxTold) -> None:
    """Write the file. Raises OutputError."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, "\n".join(correction_lines(told)) + "\n")


def correction_lines(told: SandboxTold) -> Iterator[str]:
    """The lines of the file, all of them comments."""
    yield _HEAD
    yield "#tools:"
    tools = [tool for domain in told.domains for tool in domain.tools]
    for tool in sorted(tools, key=lambda tool: not tool.doubts):
        yield from _tool(tool)
    yield ""
    yield "#entities:"
    for domain in told.domains:
        for entity in domain.entities:
            several = len(told.domains) > 1
            name = f"{domain.domain}/{entity.noun}" if several else entity.noun
            yield ""
            yield f"#  {_text(name)}:"
            yield f"#    identity: {json.dumps(list(entity.identity), ensure_ascii=False)}"
            yield "#    fields:"
            for field in entity.fields:
                facts: dict[str, Any] = {
                    "semantic": field.semantic,
                    "entity": field.entity,
                    "choices": [one for one in field.choices if one is not None] or None,
                    "min": field.minimum,
                    "max": field.maximum,
                }
                yield f"#      {_text(field.name)}: {_flow(facts)}"


def _tool(tool: ToolTold) -> Iterator[str]:
    yield ""
    yield f"  # {tool.why}"
    yield from (f"  # in doubt: {doubt}" for doubt in tool.doubts)
    yield f"#  {_text(tool.tool)}:"
    yield f"#    operation: {tool.operation}"
    if tool.entity is not None:
        yield f"#    entity: {_text(tool.entity)}"
    if tool.transition is not None:
        yield f"#    transition: {_flow(dict([tool.transition]))}"
    if tool.parameters:
        yield "#    parameters:"
    for one in tool.parameters:
        facts = {"use": one.use, "entity": one.entity, "field": one.field, "semantic": one.semantic}
        yield f"#      {_text(one.path)}: {_flow(facts)}"


def _flow(facts: dict[str, Any]) -> str:
    """A mapping on one line, without what is not known; JSON's texts are YAML's too."""
    told = (f"{_text(key)}: {_value(one)}" for key, one in facts.items() if one is not None)
    return f"{{{', '.join(told)}}}"


def _value(value: Any) -> str:
    return _text(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_HARMLESS = str.maketrans("", "", "_ /")


def _text(text: str) -> str:
    """As it stands where nothing in it could mean something else, or quoted."""
    plain = text.translate(_HARMLESS)
    safe = plain.isascii() and plain.isalnum() and not plain[0].isdigit() and text == text.strip()
    words = ("true", "false", "null", "yes", "no", "on", "off", "nan", "inf", "y", "n")
    return text if safe and text.lower() not in words else json.dumps(text)
