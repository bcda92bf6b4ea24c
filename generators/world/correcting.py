"""Applies what is said otherwise of tools: operation, entity, state, parameters' uses.

Plain functions from a draft or a model to another one, asked by `generators.world.infer` on its
way, so that what follows from a correction follows of itself: a tool that is about another entity
makes a column of what it writes there. Entities are corrected in
`generators.world.correcting_entities`. Later corrections are the stronger. Raises InputError,
with file, tool and place, for names that the catalogue does not have.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generators.lexicon.names import snake
from generators.lexicon.verbs import Operation, find_verb, is_search, operation_of, state_after
from generators.world.acts import looked_up
from generators.world.certainty import SAID
from generators.world.kinds import Kind
from generators.world.model import Entity, ParameterModel
from generators.world.referring import Kinds
from generators.world.tool_drafts import Draft
from generators.world.transitions import spelled_state
from schemas.acts import Act
from schemas.errors import InputError, nearest
from schemas.world_model import ParameterMeaning, ToolMeaning, WorldSource

OPERATION_OF: Mapping[Act, Operation] = {
    "get": "get",
    "list": "list",
    "search": "list",
    "create": "create",
    "update": "update",
    "delete": "delete",
    "transition": "update",
    "compute": "compute",
}
"""How a call of each act is executed."""


@dataclass(frozen=True)
class Said:
    """What one set of corrections says of one tool."""

    file: str
    tool: str
    correction: ToolMeaning

    def refused(self, problem: str, place: str) -> InputError:
        """An error that names file, tool and place."""
        return InputError(problem, file=self.file, tool=self.tool, place=place)


def said_of(tool: str, sets: Sequence[WorldSource]) -> Iterator[Said]:
    """What is said of a tool, the stronger later."""
    for one in sets:
        correction = one.world.tools.get(tool)
        if correction is not None:
            yield Said(one.file, tool, correction)


def correct_draft(draft: Draft, sets: Sequence[WorldSource]) -> Draft:
    """The draft with operation, noun and state as they are said to be."""
    for said in said_of(draft.tool.wire_name, sets):
        draft = _corrected(draft, said)
    return draft


def _corrected(draft: Draft, said: Said) -> Draft:
    told = said.correction
    act: Act | None = "transition" if told.transition and not told.operation else told.operation
    if told.transition and act != "transition":
        raise said.refused(f"a tool whose operation is {act} sets no state", "transition")
    if act is not None:
        draft = _acting(draft, act, said)
    if told.entity is not None:
        if draft.operation == "compute":
            raise said.refused("a computation is about no entity", "entity")
        facet = draft.facet if told.entity == draft.noun else ""
        draft = replace(draft, noun=told.entity, facet=facet)
    if draft.operation != "compute" and not draft.noun:
        raise said.refused("say which entity it is about: nothing else tells", "entity")
    if act is not None or told.entity is not None:
        draft = replace(draft, why=f"{SAID}{said.file}; inferred: {draft.why}")
    return draft


def _acting(draft: Draft, act: Act, said: Said) -> Draft:
    operation = OPERATION_OF[act]
    verb = draft.reading.verb
    state = next(iter((said.correction.transition or {}).values()), "")
    if act == "transition" and not state and not state_after(verb):
        raise said.refused(
            "say which state it sets, such as 'transition: {status: closed}'", "operation"
        )
    lookup = draft.operation == "compute" and act != "compute" and looked_up(verb) == act
    if lookup and said.correction.entity is None:  # without rows, as it was inferred
        return draft
    same = operation == draft.operation and act in ("get", "create", "update", "delete")
    fits = _speaks_of(verb, act) or (same and (act != "update" or not state_after(verb)))
    reading = replace(draft.reading, verb=verb if fits else act, state=state)
    facet = draft.facet if operation == draft.operation and act != "transition" else ""
    sets = state or ("" if act == "update" else None)
    return replace(draft, reading=reading, operation=operation, facet=facet, sets=sets)


def _speaks_of(verb: str, act: Act) -> bool:
    """Whether the act is what the verb means anyway, so that it need not be replaced."""
    if act == "transition":
        return find_verb(verb) is not None
    if act in ("search", "list"):
        return is_search(verb) == (act == "search")
    if act == "compute":
        return looked_up(verb) == "compute"
    return operation_of(verb) == act and (act != "update" or not state_after(verb))


def correct_parameters(
    draft: Draft,
    models: tuple[ParameterModel, ...],
    kinds: Kinds,
    domain: str,
    sets: Sequence[WorldSource],
) -> tuple[ParameterModel, ...]:
    """The parameters with uses and meanings as they are said to be."""
    models = tuple(_as_its_field(model, draft, domain, sets) for model in models)
    for said in said_of(draft.tool.wire_name, sets):
        by_path = {model.path: model for model in models}
        for path, told in said.correction.parameters.items():
            if path not in by_path:
                hint = nearest(path, by_path)
                raise said.refused(f"there is no such parameter{hint}", f"parameters.{path}")
            one = _Parameter(by_path[path], draft, kinds, domain, said)
            by_path[path] = one.corrected(told)
        models = tuple(by_path.values())
    return models


def _as_its_field(
    model: ParameterModel, draft: Draft, domain: str, sets: Sequence[WorldSource]
) -> ParameterModel:
    """What is said of a field's meaning holds for the parameters that name it."""
    for one in sets:
        for entity in one.of_entity(draft.noun, domain):
            field = entity.fields.get(model.field or "")
            if field and field.semantic and model.use in ("identity", "filter", "field"):
                model = replace(model, semantic=field.semantic)
    return model


@dataclass(frozen=True)
class _Parameter:
    """A parameter with all that decides how it can be corrected."""

    model: ParameterModel
    draft: Draft
    kinds: Kinds
    domain: str
    said: Said

    def corrected(self, told: ParameterMeaning) -> ParameterModel:
        model = self.model
        if told.semantic is not None:
            model = replace(model, semantic=told.semantic)
        if self._agrees(told):
            return model
        use = told.use or ("reference" if told.entity else model.use)
        self._fits(use, told)
        if use in ("option", "query", "input"):
            return replace(model, use=use, entity=None, field=None)
        if use in ("identity", "reference"):
            return replace(model, use=use, entity=self._entity(use, told), field=self._place(told))
        return replace(model, use=use, entity=None, field=self._place(told))

    def _agrees(self, told: ParameterMeaning) -> bool:
        """Whether nothing is said of use, entity and field but what was inferred."""
        noun = (self.model.entity or "").rpartition("/")[2] or None
        pairs = ((told.use, self.model.use), (told.entity, noun), (told.field, self.model.field))
        return all(said is None or said == inferred for said, inferred in pairs)

    def _fits(self, use: str, told: ParameterMeaning) -> None:
        computed = self.draft.operation == "compute"
        if computed and use not in ("input", "option"):
            raise self._refused(f"a computation has inputs and options, no {use}", "use")
        if not computed and use == "input":
            raise self._refused("only a computation has inputs", "use")
        for key in ("entity", "field"):
            idle = use in ("option", "query", "input") or (key == "entity" and use not in _NAMING)
            if getattr(told, key) is not None and idle:
                raise self._refused(f"has no meaning where the use is {use}", key)

    def _entity(self, use: str, told: ParameterMeaning) -> str:
        noun = told.entity or (self.model.entity or "").rpartition("/")[2]
        if use == "identity":
            if told.entity not in (None, self.draft.noun):
                raise self._refused(
                    f"an identity names a row of {self.draft.noun}; of others, it is a reference",
                    "entity",
                )
            noun = self.draft.noun
        if not noun:
            raise self._refused("say whose row it names", "entity")
        if noun not in self.kinds:
            raise self._refused(f"there is no entity {noun!r}{nearest(noun, self.kinds)}", "entity")
        return f"{self.domain}/{noun}"

    def _place(self, told: ParameterMeaning) -> str:
        kind = self.kinds[self.draft.noun]
        if (told.use or self.model.use) == "identity":
            return self._part(kind, told)
        if told.field is None:
            return self.model.field or self.model.path.removesuffix("[]")
        top = told.field.partition(".")[0].partition("[")[0]
        known = {*kind.identity, *kind.columns, *kind.written, snake(self.model.name)}
        known |= {self.model.field or "", self.model.path.partition("[")[0]} - {""}
        if top not in known:
            hint = nearest(top, known)
            raise self._refused(f"{kind.noun} has no field {top!r}{hint}", "field")
        return told.field

    def _part(self, kind: Kind, told: ParameterMeaning) -> str:
        part = told.field or kind.column(self.model.name) or kind.key
        looked_up = self.draft.operation == "get" and part in kind.columns
        if part not in kind.identity and not looked_up:
            hint = nearest(part, kind.identity)
            raise self._refused(f"{part!r} is no part of what names a row{hint}", "field")
        return part

    def _refused(self, problem: str, key: str) -> InputError:
        return self.said.refused(problem, f"parameters.{self.model.path}.{key}")


_NAMING = ("identity", "reference")


def said_transition(
    draft: Draft, entity: Entity | None, sets: Sequence[WorldSource]
) -> tuple[str, str] | None:
    """The field and the value that a tool is said to set by itself; None where nothing is said."""
    found = None
    for said in said_of(draft.tool.wire_name, sets):
        if said.correction.operation not in (None, "transition"):
            found = None
        for field, value in (said.correction.transition or {}).items():
            found = (field, _spelled(field, value, entity, said))
    return found


def _spelled(field: str, value: str, entity: Entity | None, said: Said) -> str:
    if entity is None or field not in entity.fields:
        noun, fields = (entity.noun, tuple(entity.fields)) if entity else ("computation", ())
        raise said.refused(f"{noun} has no field {field!r}{nearest(field, fields)}", "transition")
    schema = entity.fields[field].schema
    spelled = spelled_state(value, schema)
    if spelled is None:
        known = [str(one) for one in schema.get("enum", ())]
        raise said.refused(
            f"{value!r} is no value of {field}{nearest(value, known)}", f"transition.{field}"
        )
    return spelled
