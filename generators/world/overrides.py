"""What people and models say, taken in while the rules infer.

What is said of a tool, a parameter or an entity stands in place of what a rule concluded before the
next rules are asked, so that what follows from it follows by itself: a tool that is said to be
about another entity gives it the fields that it writes. Raises InputError, with file, tool and
place, where nothing could follow from what is said: fields that there are not, a use that such a
tool does not have. All else is looked at by `generators.world.check` when the model is whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from generators.lexicon.names import snake
from generators.lexicon.verbs import find_verb, is_search, operation_of, state_after
from generators.world.entity_drafts import EntityDraft, EntityDrafts
from generators.world.model import OPERATION_OF, ParameterModel, split_entity_key
from generators.world.tool_drafts import ToolDraft
from schemas.errors import InputError, nearest
from schemas.semantic import Act, Use
from schemas.world_model import EntityMeaning, FieldMeaning, ParameterMeaning, ToolMeaning


def act_without_rows(verb: str) -> Act:
    """The act of a tool that keeps no rows: a verb that only reads looks something up."""
    if is_search(verb):
        return "search"
    usual = operation_of(verb)
    return usual if usual in ("get", "list") else "compute"


def override_draft(draft: ToolDraft, told: ToolMeaning | None) -> ToolDraft:
    """The draft with operation, noun and state as they are said to be."""
    if told is None:
        return draft
    act: Act | None = "transition" if told.transition and not told.operation else told.operation
    lookup = act_without_rows(draft.reading.verb)
    if draft.operation == "compute" and lookup != "compute":
        if act is None and told.entity is not None:
            act = lookup
        elif act == lookup and told.entity is None:
            act = None
    given = draft
    if act is not None:
        draft = _acting(draft, act, next(iter((told.transition or {}).values()), ""))
    if told.entity is not None and draft.operation != "compute":
        facet = draft.facet if told.entity == draft.noun else ""
        draft = replace(draft, noun=told.entity, facet=facet)
    return draft if draft.noun or draft.operation == "compute" else given


def _acting(draft: ToolDraft, act: Act, state: str) -> ToolDraft:
    operation, verb = OPERATION_OF[act], draft.reading.verb
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
        return act_without_rows(verb) == "compute"
    return operation_of(verb) == act and (act != "update" or not state_after(verb))


def override_kinds(
    kinds: Mapping[str, EntityDraft],
    drafts: Sequence[ToolDraft],
    domain: str,
    entities: Mapping[str, EntityMeaning],
) -> dict[str, EntityDraft]:
    """The kinds with the identities that they are said to have, and those that no tool shows.

    Raises InputError for an identity of what is no field.
    """
    found = dict(kinds)
    for key, told in entities.items():
        within, noun = split_entity_key(key)
        if within != domain or told.identity is None:
            continue
        if noun not in found:  # of no tool: only with the schemas of what names a row
            own = {name for name, field in told.fields.items() if field.json_schema is not None}
            if own.issuperset(told.identity):
                found[noun] = EntityDraft(noun, told.identity, {})
            continue
        kind = found[noun]
        named = {snake(leaf.name) for one in drafts if one.noun == noun for leaf in one.leaves}
        known = {*kind.columns, *kind.identity, *(() if kind.columns else named)}
        known |= {name for name, field in told.fields.items() if field.json_schema is not None}
        for part in told.identity:
            if part not in known:
                raise InputError(
                    f"{noun} has no field {part!r}{nearest(part, known)}",
                    file=told.origins["identity"].why,
                    place=f"entities.{noun}.identity",
                )
        found[noun] = replace(kind, identity=tuple(dict.fromkeys(told.identity)))
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class ParameterOverride:
    """What is said of one parameter, with all that decides whether it can be."""

    model: ParameterModel
    told: ParameterMeaning
    draft: ToolDraft
    kinds: EntityDrafts
    domain: str
    fields: Mapping[str, FieldMeaning]
    """What is said of the entity's fields."""

    def apply(self) -> ParameterModel:
        """The parameter with use and meaning as they are said to be. Raises InputError."""
        model, told = self.model, self.told
        if told.semantic is not None:
            model = replace(model, semantic=told.semantic)
        noun = (model.entity or "").rpartition("/")[2] or None
        pairs = ((told.use, model.use), (told.entity, noun), (told.field, model.field))
        if all(said is None or said == inferred for said, inferred in pairs):
            return model
        use = told.use or ("reference" if told.entity else model.use)
        self._fit_use(use)
        if use in _WITHOUT_FIELD:
            return replace(model, use=use, entity=None, field=None)
        if use not in _NAMING:
            return replace(model, use=use, entity=None, field=self._find_field())
        named = told.entity or noun or ""
        if use == "identity":
            if told.entity not in (None, self.draft.noun):
                raise self._refuse(
                    f"an identity names a row of {self.draft.noun}; of others, it is a reference",
                    "entity",
                )
            named = self.draft.noun
        if not named:
            raise self._refuse("say whose row it names", "entity")
        if named not in self.kinds:
            hint = nearest(named, self.kinds)
            raise self._refuse(f"there is no entity {named!r}{hint}", "entity")
        field = self._find_part() if use == "identity" else self._find_field()
        return replace(model, use=use, entity=f"{self.domain}/{named}", field=field)

    def _fit_use(self, use: Use) -> None:
        computed = self.draft.operation == "compute"
        if computed and use not in ("input", "option"):
            raise self._refuse(f"a computation has inputs and options, no {use}", "use")
        if not computed and use == "input":
            raise self._refuse("only a computation has inputs", "use")
        for key in ("entity", "field"):
            idle = use in _WITHOUT_FIELD or (key == "entity" and use not in _NAMING)
            if getattr(self.told, key) is not None and idle:
                raise self._refuse(f"has no meaning where the use is {use}", key)

    def _find_field(self) -> str:
        kind = self.kinds[self.draft.noun]
        if self.told.field is None:
            return self.model.field or self.model.path.removesuffix("[]")
        top = self.told.field.partition(".")[0].partition("[")[0]
        known = {*kind.identity, *kind.columns, *kind.written, snake(self.model.name)}
        known |= {self.model.field or "", self.model.path.partition("[")[0]} - {""}
        known |= {name for name, field in self.fields.items() if field.json_schema is not None}
        if top not in known:
            raise self._refuse(f"{kind.noun} has no field {top!r}{nearest(top, known)}", "field")
        return self.told.field

    def _find_part(self) -> str:
        kind = self.kinds[self.draft.noun]
        part = self.told.field or kind.column(self.model.name) or kind.key
        looked_up = self.draft.operation == "get" and part in kind.columns
        if part not in kind.identity and not looked_up:
            hint = nearest(part, kind.identity)
            raise self._refuse(f"{part!r} is no part of what names a row{hint}", "field")
        return part

    def _refuse(self, problem: str, key: str) -> InputError:
        origin = self.told.origins.get(key) or next(iter(self.told.origins.values()))
        place = f"parameters.{self.model.path}.{key}"
        tool = self.draft.tool.wire_name
        return InputError(problem, file=origin.why, tool=tool, place=place)


_WITHOUT_FIELD = ("option", "query", "input")
_NAMING = ("identity", "reference")
