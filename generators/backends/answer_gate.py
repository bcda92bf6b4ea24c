"""What a model that plays a tool may answer: read strictly, and held against schemas and state.

An answer is ``{"result": …, "changes": [{"table", "key", "row"}]}`` or ``{"error": {"code",
"message"}}``. Whatever does not hold is a ValueError in one line; nothing is put right.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from generators.sandbox.errors import listed
from generators.sandbox.row_values import Row, as_text, equals, key_of
from generators.sandbox.store import Store
from generators.world.model import Entity, ToolModel
from schemas.record import JsonObject

_FENCED = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL)


@dataclass(frozen=True)
class ProposedChange:
    """A row that is to be written, or taken away."""

    entity: Entity
    before: Row | None
    after: Row | None


def read_reply(text: str) -> JsonObject:
    """The answer as JSON, bare or in a code fence, with the keys that it must have."""
    fenced = _FENCED.fullmatch(text)
    try:
        value = json.loads(fenced[1] if fenced else text, parse_constant=_refused)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(value, dict) or set(value) not in ({"result", "changes"}, {"error"}):
        raise ValueError('must be an object with "result" and "changes", or with "error"')
    return value


def checked_error(error: Any) -> JsonObject:
    """A refusal by the tool: code and message, both texts that say something."""
    if not isinstance(error, dict) or set(error) != {"code", "message"}:
        raise ValueError("error must have code and message, and nothing else")
    if not all(isinstance(text, str) and text.strip() for text in error.values()):
        raise ValueError("code and message of an error must be texts")
    return {"error": error}


def checked_changes(store: Store, model: ToolModel, changes: Any) -> tuple[ProposedChange, ...]:
    """The changes, each of one row of the tool's domain; none for a tool that reads."""
    if not isinstance(changes, list):
        raise ValueError("changes must be a list")
    if changes and not model.writes:
        raise ValueError("a tool that reads must not change anything")
    found = tuple(_change(store, model, change) for change in changes)
    places = [(one.entity.key, key_of(one.entity, one.before or one.after or {})) for one in found]
    if len(set(places)) < len(places):
        raise ValueError("a row is changed twice")
    return found


def _change(store: Store, model: ToolModel, change: Any) -> ProposedChange:
    if not isinstance(change, dict) or set(change) != {"table", "key", "row"}:
        raise ValueError("a change must have table, key and row, and nothing else")
    entity = store.world.entities.get(str(change["table"]))
    if entity is None or entity.domain != model.tool.domain or not entity.identity:
        raise ValueError(f"there is no table {change['table']!r} that can be changed")
    key, row = str(change["key"]), change["row"]
    before = next((one for one in store.rows(entity) if _key(entity, one) == key), None)
    if row is None:
        if before is None:
            raise ValueError(f"{entity.key} has no row {key!r} that could be deleted")
        return ProposedChange(entity, before, None)
    if not isinstance(row, dict):
        raise ValueError("row must be an object, or null for a row that is deleted")
    if any(name not in row for name in entity.identity) or _key(entity, row) != key:
        raise ValueError(f"the row of {entity.key} does not have the identity {key!r}")
    for name, value in row.items():
        if name not in entity.fields and name not in entity.identity:
            raise ValueError(f"{entity.key} has no field {name!r}")
        schema = entity.fields[name].schema if name in entity.fields else {}
        wrong = next(Draft202012Validator(schema).iter_errors(value), None)
        if wrong is not None:
            raise ValueError(f"{entity.key}.{name}: {wrong.message[:200]}")
    return ProposedChange(entity, before, row)


def checked_result(store: Store, model: ToolModel, result: Any) -> Any:
    """A result that its schema allows, and whose rows are as the state has them now."""
    wrong = next(Draft202012Validator(model.returns).iter_errors(result), None)
    if wrong is not None:
        place = wrong.json_path.removeprefix("$").removeprefix(".")
        raise ValueError(f"result{' at ' if place else ''}{place}: {wrong.message[:200]}")
    entity = store.world.entities.get(model.entity or "")
    if entity is not None and entity.identity and model.operation != "compute":
        # The rows that a result shows: itself, what it lists, or what it wraps.
        rows_result = result
        if isinstance(rows_result, dict) and not _is_row(entity, rows_result):
            wrapped = [part for part in rows_result.values() if isinstance(part, dict)]
            rows_result = [*(listed(rows_result) or ()), *wrapped]
        rows_shown = rows_result if isinstance(rows_result, list) else [rows_result]
        for shown in [row for row in rows_shown if _is_row(entity, row)]:
            _check_agreement(store, model, entity, shown)
    return result


def _is_row(entity: Entity, shown: Any) -> bool:
    return isinstance(shown, dict) and all(
        isinstance(shown.get(name), str | int) for name in entity.identity
    )


def _check_agreement(store: Store, model: ToolModel, entity: Entity, shown: JsonObject) -> None:
    """Raise ValueError where a row that is shown is none, or is otherwise in the state."""
    row = store.find(entity, key_of(entity, shown))
    if row is None:
        if model.operation == "delete":
            return
        raise ValueError(f"result shows {_key(entity, shown)!r}, which {entity.key} does not have")
    for name, value in shown.items():
        if name in row and not isinstance(value, dict | list) and not _same(row[name], value):
            said, held = json.dumps(value), json.dumps(row[name])
            raise ValueError(f"result says {name} is {said}, the row {held}")


def _same(held: Any, shown: Any) -> bool:
    return held == shown or equals(held, shown)


def _key(entity: Entity, row: Row) -> str:
    return " ".join(as_text(row.get(name)) for name in entity.identity)


def _refused(word: str) -> None:
    raise ValueError(f"holds {word}, which JSON does not have")
