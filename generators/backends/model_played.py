"""A model that plays the tools, on a state that is not the model's to make up.

The rows are those of the inferred sandbox. For each call the model is shown the tool and the rows
that the call is about, and says what is returned and which rows change: ``{"result": …, "changes":
[{"table", "key", "row"}]}`` or ``{"error": {"code", "message"}}``. Only what schemas and state
allow passes; nothing is put right. An answer that does not pass is asked for once more, then the
call fails with ``unavailable``, which no task expects: such a candidate is rejected.

Each answer is kept by state, tool and arguments, so that the same call in the same state has the
same answer, and a replay needs no model. Calls wait for the model in a thread of its own
(`patience.LoopThread`): the model given must be used nowhere else, since clients belong to one
loop. Whoever must not wait makes them aside (`patience.do_aside`).
"""

import json
from collections.abc import MutableMapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import Any, NamedTuple

from data.prompts import SHIPPED, Prompts
from generators.backends.backend import WantedCall
from generators.backends.patience import LoopThread
from generators.backends.python_tools import failure
from generators.sandbox.errors_and_faults import find_invalid, listed, strike
from generators.sandbox.propose import Proposal
from generators.sandbox.row_values import Row, as_text, equals, key_of
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import find_error
from generators.sandbox.store import State, Store
from generators.world.model import Entity, ToolModel, World
from schemas.canonical import content_hash, derive_seed
from schemas.chat import ChatModel, ChatRequest, object_shape, read_json_reply
from schemas.environment import CallOutcome, Change, Environment
from schemas.errors import NotRecordedError, ProviderError
from schemas.leaves import leaves
from schemas.message import Fault
from schemas.record import JsonObject

MOST = 40
"""Rows of a table that are shown at most."""
UNAVAILABLE = "unavailable"
_TRIES = 2


Answers = MutableMapping[str, JsonObject]
"""Key of a call in a state → the answer as it passed, or ``{"unavailable": why}``."""


class ProposedChange(NamedTuple):
    """A row that is to be written, or taken away."""

    entity: Entity
    before: Row | None
    after: Row | None


@dataclass(frozen=True)
class ModelPlayedBackend:
    """Implements `generators.backends.backend.Backend`."""

    world: World
    model_name: str
    answers: Answers
    model: ChatModel | None = None
    """None: only what is in ``answers`` can be answered."""
    thread: LoopThread = field(default_factory=lambda: LoopThread("model-played tools"))
    prompts: Prompts = SHIPPED
    pure_reads: bool = False
    """What the model makes of a call is not known."""
    aside: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "tools aside"))
    """Where whoever must not wait makes the calls."""
    ended: Event = field(default_factory=Event)
    """Nobody is asked any more."""

    @property
    def name(self) -> str:
        """As records note it: ``model:NAME``."""
        return f"model:{self.model_name}"

    def open(self, seed: int, clock: str) -> "ModelPlayed":
        """The sandbox's rows for this seed, with the model in place of its rules."""
        scope = content_hash([self.model_name, seed, clock])
        return ModelPlayed(self, Sandbox(self.world, seed, clock), scope, clock)

    def propose(self, environment: Environment, wanted: WantedCall, rng: Random) -> Proposal | None:
        """Arguments that would succeed by the sandbox's rules: the model is not asked for trials.

        Raises TypeError for an environment of another backend.
        """
        if not isinstance(environment, ModelPlayed):
            raise TypeError(f"{type(environment).__name__} is not played by a model")
        arguments = propose_arguments(
            environment.sandbox, wanted.name, rng, wanted.given, wanted.optional, wanted.scope
        )
        return None if arguments is None else Proposal(arguments)

    def close(self) -> None:
        """End the threads: who is asked is not waited for, and nobody is asked again."""
        self.ended.set()
        self.thread.close()
        self.aside.shutdown(cancel_futures=True)


class ModelPlayed:
    """Runs the calls of one conversation. Implements `schemas.environment.Environment`."""

    def __init__(
        self, backend: ModelPlayedBackend, sandbox: Sandbox, scope: str, clock: str
    ) -> None:
        """``scope`` tells this initial state from others; ``sandbox`` holds the rows."""
        self._backend, self.sandbox, self._scope, self._clock = backend, sandbox, scope, clock

    def set_clock(self, now: str) -> None:
        """Let it be ``now``; the model is told so."""
        self._clock = now
        self.sandbox.set_clock(now)

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        """Run one call by wire name. A call that fails, or is made to fail, changes nothing.

        Raises ProviderError, and NotRecordedError where there is no model and no answer is kept.
        """
        model = self.sandbox.world.models.get(name)
        if model is None:
            return failure("unknown_tool", f"There is no tool named {name}.")
        if fault is not None:
            return strike(self, name, arguments, fault, self.sandbox.store.initial)
        wrong = find_invalid(model.tool.parameters, arguments)
        if wrong is not None:
            return wrong.outcome
        key = content_hash([self._scope, self.state_hash(), name, arguments], 32)
        if key not in self._backend.answers:
            self._backend.answers[key] = self._ask(model, arguments)
        answer = self._backend.answers[key]
        if UNAVAILABLE in answer:
            return failure(UNAVAILABLE, "The service gave no answer that can be used.")
        before = self.snapshot()
        try:
            return self._apply(model, answer)
        except ValueError as error:  # kept by another version of the gate, or changed by hand
            self.restore(before)
            raise NotRecordedError(f"the kept answer of {name} is not valid: {error}") from None

    def _ask(self, model: ToolModel, arguments: JsonObject) -> JsonObject:
        """An answer that passes the gate; after so many that do not, why the last did not."""
        chat = self._backend.model
        if chat is None:
            raise NotRecordedError(f"no answer is kept for this call of {model.name}")
        if self._backend.ended.is_set():
            raise ProviderError("the tools are closed: nobody plays them any more")
        problem = ""
        for number in range(_TRIES):
            prompt = self.write_prompt(model, arguments, problem)
            request = ChatRequest(
                role="tool",
                messages=({"role": "user", "content": prompt},),
                seed=derive_seed(self._scope, self.state_hash(), model.name, arguments, number),
                temperature=0.0,
                json_object=True,
                shape=ANSWER,
            )
            try:
                reply = self._backend.thread.run(chat.complete(request))
            except CancelledError:
                raise ProviderError("the tools were closed while one was played") from None
            before = self.snapshot()
            try:
                answer: JsonObject = read_json_reply(reply.text)
                keys = set(answer) if isinstance(answer, dict) else set()
                if keys not in ({"result", "changes"}, {"error"}):
                    said = 'an object with "result" and "changes", or with "error"'
                    raise ValueError(f"must be {said}")
                self._apply(model, answer)
            except ValueError as error:
                problem = " ".join(str(error).split())[:300]
            else:
                return answer
            finally:
                self.restore(before)
        return {UNAVAILABLE: problem}

    def write_prompt(self, model: ToolModel, arguments: JsonObject, problem: str = "") -> str:
        """What the model is asked for a call in this state; ``problem`` of its last answer."""
        tables = relevant_rows(self.sandbox.store, model, arguments)
        entities = {key: self.sandbox.world.entities[key] for key in tables}
        return self._backend.prompts.render(
            "play_tool.j2",
            tool=model.tool,
            returns=model.returns,
            writes=model.writes,
            clock=self._clock,
            tables=tables,
            keys={key: entity.identity for key, entity in entities.items()},
            fields={
                key: {name: column.schema for name, column in entity.fields.items()}
                for key, entity in entities.items()
            },
            arguments=arguments,
            problem=problem,
        )

    def _apply(self, model: ToolModel, answer: JsonObject) -> CallOutcome:
        """Make the changes and give the result. Raises ValueError, perhaps with changes made."""
        if "error" in answer:
            error = answer["error"]
            if not isinstance(error, dict) or set(error) != {"code", "message"}:
                raise ValueError("error must have code and message, and nothing else")
            if not all(isinstance(text, str) and text.strip() for text in error.values()):
                raise ValueError("code and message of an error must be texts")
            return CallOutcome(content={"error": error}, is_error=True)
        store = self.sandbox.store
        # The changes, each of one row of the tool's domain; none for a tool that reads.
        changes = answer["changes"]
        if not isinstance(changes, list):
            raise ValueError("changes must be a list")
        if changes and not model.writes:
            raise ValueError("a tool that reads must not change anything")
        found = tuple(_read_change(store, model, change) for change in changes)
        places = [
            (one.entity.key, key_of(one.entity, one.before or one.after or {})) for one in found
        ]
        if len(set(places)) < len(places):
            raise ValueError("a row is changed twice")
        for change in found:
            if change.after is not None:
                store.put(change.entity, change.after)
            elif change.before is not None:
                store.remove(change.entity, change.before)
        check_result(store, model, answer["result"])
        return CallOutcome(content=answer["result"])

    def state_hash(self) -> str:
        """Hash of what the calls have changed; equal states hash alike."""
        return self.sandbox.state_hash()

    def changes(self) -> tuple[Change, ...]:
        """What differs from the seeded rows."""
        return self.sandbox.changes()

    def rows(self, table: str) -> Sequence[Row]:
        """All present rows of an entity, by its key."""
        return self.sandbox.rows(table)

    def snapshot(self) -> State:
        """The present state."""
        return self.sandbox.snapshot()

    def restore(self, snapshot: State) -> None:
        """Go back to a state that was taken by `snapshot`."""
        self.sandbox.restore(snapshot)


def relevant_rows(
    store: Store, model: ToolModel, arguments: JsonObject
) -> dict[str, list[JsonObject]]:
    """Entity → rows: those that the arguments name first, then others, `MOST` in all.

    The entities are the tool's own, those that its parameters name, and what their fields refer to.
    What the rows so named refer to is shown too.
    """
    known = store.world.entities
    own = [key for key in (model.entity, *(p.entity for p in model.parameters)) if key in known]
    columns = (column for key in own if key for column in known[key].fields.values())
    said = {as_text(value) for _, value in leaves(arguments) if isinstance(value, str | int)}
    shown: dict[str, list[JsonObject]] = {}
    for key in dict.fromkeys([*own, *(column.entity for column in columns)]):
        entity = known.get(key or "")
        if entity is None:
            continue
        rows = [dict(row) for row in store.rows(entity)]
        named = []
        for row in rows:
            names = [name for name in entity.identity if name in row]
            if names and all(as_text(row[name]) in said for name in names):
                named.append(row)
        others = [row for row in rows if row not in named]
        shown[entity.key] = [*named, *others][:MOST]
        said |= {
            as_text(row[name])
            for row in named
            for name, column in entity.fields.items()
            if column.entity and isinstance(row.get(name), str | int)
        }
    return shown


_TEXT: JsonObject = {"type": "string"}
_CHANGE = object_shape({"table": _TEXT, "key": _TEXT, "row": {"type": ["object", "null"]}})
ANSWER: JsonObject = {
    "anyOf": [
        object_shape({"result": {}, "changes": {"type": "array", "items": _CHANGE}}),
        object_shape({"error": object_shape({"code": _TEXT, "message": _TEXT})}),
    ]
}
"""The JSON Schema of an answer; what a result must be is for the gate to say."""


def _read_change(store: Store, model: ToolModel, change: Any) -> ProposedChange:
    if not isinstance(change, dict) or set(change) != {"table", "key", "row"}:
        raise ValueError("a change must have table, key and row, and nothing else")
    entity = store.world.entities.get(str(change["table"]))
    if entity is None or entity.domain != model.tool.domain or not entity.identity:
        raise ValueError(f"there is no table {change['table']!r} that can be changed")
    key, row = str(change["key"]), change["row"]
    before = next((one for one in store.rows(entity) if _say_key(entity, one) == key), None)
    if row is None:
        if before is None:
            raise ValueError(f"{entity.key} has no row {key!r} that could be deleted")
        return ProposedChange(entity, before, None)
    if not isinstance(row, dict):
        raise ValueError("row must be an object, or null for a row that is deleted")
    if any(name not in row for name in entity.identity) or _say_key(entity, row) != key:
        raise ValueError(f"the row of {entity.key} does not have the identity {key!r}")
    for name, value in row.items():
        if name not in entity.fields and name not in entity.identity:
            raise ValueError(f"{entity.key} has no field {name!r}")
        schema = entity.fields[name].schema if name in entity.fields else {}
        wrong = find_error(value, schema)
        if wrong is not None:
            raise ValueError(f"{entity.key}.{name}: {wrong.message[:200]}")
    return ProposedChange(entity, before, row)


def check_result(store: Store, model: ToolModel, result: Any) -> None:
    """Raise ValueError where the schema forbids a result, or the state has its rows otherwise."""
    wrong = find_error(result, model.returns)
    if wrong is not None:
        place = wrong.json_path.removeprefix("$").removeprefix(".")
        raise ValueError(f"result{' at ' if place else ''}{place}: {wrong.message[:200]}")
    entity = store.world.entities.get(model.entity or "")
    if entity is None or not entity.identity or model.operation == "compute":
        return
    # the rows that it shows: itself, what it lists, or what it wraps
    places = result if isinstance(result, list) else [result]
    if isinstance(result, dict) and not _is_row(entity, result):
        wrapped = [part for part in result.values() if isinstance(part, dict)]
        places = [*(listed(result) or ()), *wrapped]
    for shown in (one for one in places if _is_row(entity, one)):
        row = store.find(entity, key_of(entity, shown))
        if row is None and model.operation == "delete":
            continue
        if row is None:
            key = _say_key(entity, shown)
            raise ValueError(f"result shows {key!r}, which {entity.key} does not have")
        for name, value in shown.items():
            if name not in row or isinstance(value, dict | list) or row[name] == value:
                continue
            if not equals(row[name], value):
                said, held = json.dumps(value), json.dumps(row[name])
                raise ValueError(f"result says {name} is {said}, the row {held}")


def _is_row(entity: Entity, shown: Any) -> bool:
    return isinstance(shown, dict) and all(
        isinstance(shown.get(name), str | int) for name in entity.identity
    )


def _say_key(entity: Entity, row: Row) -> str:
    return " ".join(as_text(row.get(name)) for name in entity.identity)
