"""A model that plays the tools, on a state that is not the model's to make up.

The rows are those of the inferred sandbox. For each call the model is shown the tool and the rows
that the call is about, and says what is returned and which rows change; `answer_gate` lets pass
only what schemas and state allow. An answer that does not pass is asked for once more, then the
call fails with ``unavailable``, which no task expects: such a candidate is rejected.

Each answer is kept by state, tool and arguments, so that the same call in the same state has the
same answer, and a replay needs no model. Calls wait for the model in a thread of its own
(`loop_thread`): the model given must be used nowhere else, since clients belong to one loop.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from data.prompts import render
from generators.backends.answer_gate import (
    checked_changes,
    checked_error,
    checked_result,
    read_reply,
)
from generators.backends.loop_thread import LoopThread
from generators.backends.python_tools import failure
from generators.sandbox.errors import invalid_arguments, strike
from generators.sandbox.propose import NOTHING, Proposal
from generators.sandbox.row_values import Row, as_text
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.store import EMPTY, Snapshot, Store
from generators.world.model import Entity, ToolModel, World
from schemas.canonical import content_hash, derive_seed
from schemas.chat import ChatModel, ChatRequest
from schemas.environment import CallOutcome, Change, Environment
from schemas.errors import NotRecordedError
from schemas.leaves import leaves
from schemas.message import Fault
from schemas.record import JsonObject

MOST = 40
"""Rows of a table that are shown at most."""


def relevant_rows(
    store: Store, model: ToolModel, arguments: JsonObject
) -> dict[str, list[JsonObject]]:
    """Entity → rows: those that the arguments name first, then others, `MOST` in all.

    The entities are the tool's own and those that its parameters name. What the rows so named refer
    to is shown too.
    """
    said = {as_text(value) for _, value in leaves(arguments) if isinstance(value, str | int)}
    shown: dict[str, list[JsonObject]] = {}
    for entity in _entities(store, model):
        rows = [dict(row) for row in store.rows(entity)]
        named = [row for row in rows if _named(entity, row, said)]
        others = [row for row in rows if row not in named]
        shown[entity.key] = [*named, *others][:MOST]
        for row in named:
            said |= {as_text(row[name]) for name, field in entity.fields.items()
                     if field.entity and isinstance(row.get(name), str | int)}  # fmt: skip
    return shown


def _entities(store: Store, model: ToolModel) -> Iterator[Entity]:
    """Distinct, the tool's own first; then what their fields refer to."""
    named = (model.entity, *(parameter.entity for parameter in model.parameters))
    own = _known(store, named)
    yield from own
    referred = (field.entity for entity in own for field in entity.fields.values())
    yield from (entity for entity in _known(store, referred) if entity not in own)


def _known(store: Store, keys: Iterable[str | None]) -> list[Entity]:
    entities = store.world.entities
    return [entities[key] for key in dict.fromkeys(keys) if key is not None and key in entities]


def _named(entity: Entity, row: Any, said: set[str]) -> bool:
    names = [name for name in entity.identity if name in row]
    return bool(names) and all(as_text(row[name]) in said for name in names)


UNAVAILABLE = "unavailable"
_TRIES = 2

Answers = MutableMapping[str, JsonObject]
"""Key of a call in a state → the answer as it passed, or ``{"unavailable": why}``."""


@dataclass(frozen=True)
class ModelPlayedBackend:
    """Implements `generators.backends.backend.Backend`."""

    world: World
    model_name: str
    answers: Answers
    model: ChatModel | None = None
    """None: only what is in ``answers`` can be answered."""
    thread: LoopThread = field(default_factory=lambda: LoopThread("model-played tools"))

    @property
    def name(self) -> str:
        """As records note it: ``model:NAME``."""
        return f"model:{self.model_name}"

    @property
    def pure_reads(self) -> bool:
        """What the model makes of a call is not known."""
        return False

    def open(self, seed: int, clock: str) -> "ModelPlayed":
        """The sandbox's rows for this seed, with the model in place of its rules."""
        scope = content_hash([self.model_name, seed, clock])
        return ModelPlayed(self, Sandbox(self.world, seed, clock), scope, clock)

    def propose(
        self,
        environment: Environment,
        name: str,
        rng: Random,
        given: Mapping[str, Any] = NOTHING,
        optional: int = 1,
    ) -> Proposal | None:
        """Arguments that would succeed by the sandbox's rules: the model is not asked for trials.

        Raises TypeError for an environment of another backend.
        """
        if not isinstance(environment, ModelPlayed):
            raise TypeError(f"{type(environment).__name__} is not played by a model")
        arguments = propose_arguments(environment.sandbox, name, rng, given, optional)
        return None if arguments is None else Proposal(arguments)

    def close(self) -> None:
        """End the thread in which the model is asked."""
        self.thread.close()


class ModelPlayed:
    """Runs the calls of one conversation. Implements `schemas.environment.Environment`."""

    def __init__(
        self, backend: ModelPlayedBackend, sandbox: Sandbox, scope: str, clock: str
    ) -> None:
        """``scope`` tells this initial state from others; ``sandbox`` holds the rows."""
        self._backend, self.sandbox, self._scope, self._clock = backend, sandbox, scope, clock

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        """Run one call by wire name. A call that fails, or is made to fail, changes nothing.

        Raises ProviderError, and NotRecordedError where there is no model and no answer is kept.
        """
        model = self.sandbox.world.models.get(name)
        if model is None:
            return failure("unknown_tool", f"There is no tool named {name}.")
        if fault is not None:
            return strike(self, name, arguments, fault, EMPTY)
        wrong = next(self.sandbox.plan(name).validator.iter_errors(arguments), None)
        if wrong is not None:
            return CallOutcome(content=invalid_arguments(wrong).content, is_error=True)
        key = content_hash([self._scope, self.state_hash(), name, arguments], 32)
        if key not in self._backend.answers:
            self._backend.answers[key] = self._asked(model, arguments)
        return self._applied(model, self._backend.answers[key])

    def _asked(self, model: ToolModel, arguments: JsonObject) -> JsonObject:
        """An answer that passes the gate; after so many that do not, why the last did not."""
        chat = self._backend.model
        if chat is None:
            raise NotRecordedError(f"no answer is kept for this call of {model.name}")
        problem = ""
        for number in range(_TRIES):
            request = self._request(model, arguments, problem, number)
            reply = self._backend.thread.run(chat.complete(request))
            before = self.snapshot()
            try:
                answer = read_reply(reply.text)
                self._gated(model, answer)
            except ValueError as error:
                problem = " ".join(str(error).split())[:300]
            else:
                return answer
            finally:
                self.restore(before)
        return {UNAVAILABLE: problem}

    def _applied(self, model: ToolModel, answer: JsonObject) -> CallOutcome:
        if UNAVAILABLE in answer:
            return failure(UNAVAILABLE, "The service gave no answer that can be used.")
        before = self.snapshot()
        try:
            return self._gated(model, answer)
        except ValueError as error:  # kept by another version of the gate, or changed by hand
            self.restore(before)
            raise NotRecordedError(
                f"the kept answer of {model.name} is not valid: {error}"
            ) from None

    def _gated(self, model: ToolModel, answer: JsonObject) -> CallOutcome:
        """Make the changes and give the result. Raises ValueError, perhaps with changes made."""
        if "error" in answer:
            return CallOutcome(content=checked_error(answer["error"]), is_error=True)
        store = self.sandbox.store
        for change in checked_changes(store, model, answer["changes"]):
            if change.after is not None:
                store.put(change.entity, change.after)
            elif change.before is not None:
                store.remove(change.entity, change.before)
        return CallOutcome(content=checked_result(store, model, answer["result"]))

    def _request(
        self, model: ToolModel, arguments: JsonObject, problem: str, number: int
    ) -> ChatRequest:
        store = self.sandbox.store
        tables = relevant_rows(store, model, arguments)
        entities = {key: store.world.entities[key] for key in tables}
        prompt = render(
            "play_tool.j2",
            tool=model.tool,
            returns=model.returns,
            writes=model.writes,
            clock=self._clock,
            tables=tables,
            keys={key: entity.identity for key, entity in entities.items()},
            fields={key: {name: field.schema for name, field in entity.fields.items()}
                    for key, entity in entities.items()},
            arguments=arguments,
            problem=problem,
        )  # fmt: skip
        return ChatRequest(
            role="tool",
            messages=({"role": "user", "content": prompt},),
            seed=derive_seed(self._scope, self.state_hash(), model.name, arguments, number),
            temperature=0.0,
            json_object=True,
        )

    def state_hash(self) -> str:
        """Hash of what the calls have changed; equal states hash alike."""
        return self.sandbox.state_hash()

    def changes(self) -> tuple[Change, ...]:
        """What differs from the seeded rows."""
        return self.sandbox.changes()

    def rows(self, table: str) -> Sequence[Row]:
        """All present rows of an entity, by its key."""
        return self.sandbox.rows(table)

    def snapshot(self) -> Snapshot:
        """The present state."""
        return self.sandbox.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a state that was taken by `snapshot`."""
        self.sandbox.restore(snapshot)
