"""What of a model's words fits the tools, the rules' conclusions and what people say, and works.

The parts that the check of world models refuses are dropped one by one; what people say is never
touched, and the policy that they gave stands.

What a model says may not cost a tool that could be called before: that is tried, call by call. A
tool works where the trial takes it and a call of it is found that succeeds, in one of several
worlds. Of what a model says of a tool that works no more, part after part is taken up again as long
as the tool works; where the bare tool does not, its things go.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from random import Random

from pydantic import ValidationError

from generators.completion.told_parts import LeftOut, Place, drop_all, find_at, place_of
from generators.importers.world_files import squeeze
from generators.lexicon.nouns import singular
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.infer import describe_world, find_faults, infer_world
from generators.world.model import split_entity_key
from generators.world.overrides import NAMING, WITHOUT_FIELD
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec
from schemas.world_model import EntityMeaning, ToolMeaning, WorldModel, WorldSource

_MOST_ROUNDS = 40
_CHANGING = ("update", "transition", "delete")
_JOINING, _ARTICLES = ("and", "or", "but", "plus"), ("the", "a", "an")
_LONGEST_VERB = 4
"""Words: ``make an offer for``."""


def fit_told(
    tools: Sequence[ToolSpec],
    own: Sequence[WorldSource],
    base: WorldModel,
    told: WorldModel,
    model: str,
) -> tuple[WorldModel, list[LeftOut]]:
    """What of it fits these tools of one domain, and what does not.

    ``own``: what people say, ``base``: what the model said before, ``model``: its name.
    """
    value = dump_told(told)
    first = source_of(base, tools, model)
    before = describe_world(tools, (first, *own))
    # What has no meaning beside the use that is told of a parameter: nothing is lost by it.
    for tool in value.get("tools", {}).values():
        for parameter in tool.get("parameters", {}).values():
            use = parameter.get("use")
            if use not in (None, "filter", *NAMING):
                parameter.pop("entity", None)
            if use in WITHOUT_FIELD:
                parameter.pop("field", None)
    # Verbs that name what is done to as well: a sentence would say it twice. The verb itself may be
    # the noun's word: people click, and run test runs.
    dropped = []
    for name, tool in value.get("tools", {}).items():
        noun = tool.get("entity") or before.tools[name].entity or ""
        words = list(map(singular, tool.get("verb", "").lower().split()))
        twice = bool(noun) and set(noun.split()) <= set(words[1:])
        if "of" in words or len(words) > _LONGEST_VERB or twice:
            del tool["verb"]
            wanted = "say the verb alone, without what it is done to"
            dropped.append(LeftOut(("tools", name, "verb"), wanted))
        dropped += _drop_roles(name, tool, before.tools[name])
    for _ in range(_MOST_ROUNDS):
        said = WorldModel.model_validate(value)
        faults = _find_faults(tools, (first, source_of(said, tools, model), *own))
        if not faults:
            dropped += _fit_rules(value, before)
            return WorldModel.model_validate(value), dropped
        wrong = [(_find_place(value, fault, model), fault.problem) for fault in faults]
        if found := [(place, problem) for place, problem in wrong if place]:
            dropped += drop_all(value, found)
            continue

        def helps(weaker: JsonObject) -> bool:
            try:
                mended = source_of(WorldModel.model_validate(weaker), tools, model)
            except ValidationError:
                return False
            left = map(str, _find_faults(tools, (first, mended, *own)))
            return str(faults[0]) not in left  # noqa: B023

        # What was said before, a person's word or a rule's does not fit any more.
        place = _find_cause(value, helps)
        value = _without(value, place)
        fault = faults[0]
        earlier = "what you said before" if fault.file == model else fault.file
        where = " at ".join(
            filter(None, (earlier, fault.tool and f"tool {fault.tool!r}", fault.place))
        )
        dropped.append(LeftOut(place, f"with it, this does not fit: {where}: {fault.problem}"))
    return WorldModel(), [*dropped, LeftOut((), "too much of it does not fit")]


def _drop_roles(name: str, tool: JsonObject, before: ToolMeaning) -> list[LeftOut]:
    """The roles that read badly where they will stand; rules find other words for these values."""
    act, dropped = tool.get("operation") or before.operation, []
    for path, parameter in tool.get("parameters", {}).items():
        known = before.parameters.get(path)
        use = parameter.get("use") or (known.use if known else None)
        meant = parameter.get("semantic") or (known.semantic if known else None)
        kind = meant in ("enum", "label")  # ``of the deployment``
        if fault := _find_role_fault(str(parameter.get("role", "")), act, use, is_kind=kind):
            place = ("tools", name, "parameters", path, "role")
            dropped.append(LeftOut(place, f"{parameter.pop('role')!r} {fault}"))
    return dropped


def _find_role_fault(role: str, act: str | None, use: str | None, *, is_kind: bool) -> str:
    """What is wrong with words before a value: "shut the order ROLE VALUE", each by itself.

    Empty where nothing is. ``is_kind``: the value says of what kind something is.
    """
    words = role.lower().split()
    if not words:
        return ""
    if not all(re.fullmatch(r"[^\W_]+(?:[-'’][^\W_]+)*", word) for word in words):
        return "has more than words: say the words alone that stand before the value"
    if words[0] in _JOINING:
        return "goes on from another value, which may not be told: each stands by itself"
    if words[-1] in _ARTICLES and not is_kind:
        return "ends before its noun, and the value alone comes behind it"
    if words[0] == "of" and act in _CHANGING and use in ("field", "option", "input"):
        return "would say of what the thing is, and not what is done: say to, as, with or for"
    return ""


def _find_faults(tools: Sequence[ToolSpec], sources: Sequence[WorldSource]) -> list[InputError]:
    """As `find_faults`; what raises costs a part of the answer, never the opening."""
    try:
        return find_faults(tools, sources)
    except Exception as error:
        return [InputError(f"cannot be taken in: {type(error).__name__}: {error}")]


def source_of(told: WorldModel, tools: Sequence[ToolSpec], model: str) -> WorldSource:
    """A model's words as a catalogue keeps them."""
    domains = tuple(dict.fromkeys(tool.domain for tool in tools))
    return WorldSource(file=model, author="model", domains=domains, world=told)


def dump_told(told: WorldModel) -> JsonObject:
    """What is told, as plain values."""
    return told.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _find_cause(value: JsonObject, helps: Callable[[JsonObject], bool]) -> Place:
    """The least part of an answer without which a fault is gone; at most, one section."""
    place: Place = ()
    while isinstance(held := find_at(value, place), dict):
        keys = (key for key in held if helps(_without(value, (*place, key))))
        if (found := next(keys, None)) is None:
            break
        place = (*place, found)
    return place or (next(iter(value)),)


def _without(value: JsonObject, place: Place) -> JsonObject:
    """The answer without what lies there."""
    head, *rest = place
    if not rest:
        return {key: one for key, one in value.items() if key != head}
    return {**value, str(head): _without(value[str(head)], tuple(rest))}


def _find_place(value: JsonObject, fault: InputError, model: str) -> Place:
    """Where in the answer a fault lies; empty where nothing tells."""
    if fault.tool:
        place: Place = ("tools", fault.tool)
        place += place_of(find_at(value, place), fault.place)
    else:
        place = place_of(value, fault.place)
    if fault.file != model:  # a person's word that does not fit any more: what of the same thing
        place = place[:2]  # the model says goes
    return place if len(place) > 1 and find_at(value, place) is not None else ()


def _fit_rules(value: JsonObject, before: WorldModel) -> list[LeftOut]:
    """Rules stand in the policy: a person's must hold their words, a model's own is given them."""
    dropped = []
    for domain, service in value.get("domains", {}).items():
        given = before.domains.get(domain)
        earlier = given.policy if given is not None and given.policy else ""
        is_given = given is not None and "policy" in given.origins
        is_given = is_given and given.origins["policy"].source == "file"  # type: ignore[union-attr]
        policy = earlier if is_given else ""
        text = policy or service.get("policy") or earlier
        kept = []
        for number, rule in enumerate(service.get("rules", ())):
            place = ("domains", domain, "rules", number)
            stands = squeeze(rule["text"]) in squeeze(text)
            _put_words_right(rule)
            if not any(rule.get(key) for key in ("require", "ask", "say", "at_once")):
                nothing = "says nothing to require, ask or say, nor that it is done at once"
                dropped.append(LeftOut(place, nothing))
            elif not text:
                dropped.append(LeftOut(place, "there is no policy that it could stand in"))
            elif not stands and policy:
                dropped.append(LeftOut(place, "its text does not stand in the policy"))
            else:
                kept.append(rule)
                text = text if stands else f"{text.rstrip()}\n- {rule['text']}"
        if "rules" in service:
            service["rules"] = kept
        if not policy and text:
            service["policy"] = text.rstrip() + "\n"
    return dropped


def _put_words_right(rule: JsonObject) -> None:
    """Words among what is asked are a sentence that is said: ``that its pods will be evicted``."""
    words = [one for one in rule.get("ask", ()) if " " in one.strip()]
    if not words:
        return
    rule["ask"] = [one for one in rule["ask"] if one not in words]
    told = [one.strip().rstrip(".") for one in words if one.startswith("that ")]
    if told and not rule.get("say"):
        said = told[0].removeprefix("that ")
        rule["say"] = f"{said[:1].upper()}{said[1:]}."
        rule["heard"] = [said.split()[-1]]


Say = Callable[[WorldModel], Catalog]
"""What a model says → the catalogue with it."""
Trial = Callable[[Catalog], Catalog]
"""A catalogue → the same with the tools that can be called."""

_SEEDS = 4
_CLOCKS = ("2026-01-15T09:00:00+00:00", "2026-08-20T14:30:00+00:00")
_TRIAL_ROUNDS = 12
NO_CALL = "no call of it was found that succeeds"


def keep_working(told: WorldModel, say: Say, trial: Trial) -> tuple[WorldModel, list[LeftOut]]:
    """What of it costs no tool, and what does."""
    dropped: list[LeftOut] = []
    if told == WorldModel():
        return told, dropped
    given_up = {*find_failing(say(WorldModel()), trial)}
    for _ in range(_TRIAL_ROUNDS):
        try:
            failing = _find_costly(say(told), trial)
        except InputError as error:  # rows that no world can have
            told, lost = _without_constraint(told, error) or _without_cause(told, error, say, trial)
            dropped += lost
            continue
        costly = {name: why for name, why in failing.items() if name not in given_up}
        if not costly:
            return told, dropped
        for name, why in costly.items():
            # Where no call was found, the trial has taken it: only a call of it is looked for.
            tried = trial if why != NO_CALL else lambda catalog: catalog
            told, places = _make_work(told, name, say, tried)
            said = f"with it {name} could not be called: {why}"
            if not places:  # all that is said of the others is worth more than one tool
                given_up.add(name)
                said = f"{name} cannot be called with what is said of other things: {why}"
            dropped += [LeftOut(place, said) for place in places or [("tools", name)]]
    return WorldModel(), [*dropped, LeftOut((), "too much of it costs tools")]


def find_failing(catalog: Catalog, trial: Trial, only: str = "") -> dict[str, str]:
    """Tools of the catalogue that do not work, and why; ``only``: that one alone is looked at.

    Raises InputError where no rows can be seeded.
    """
    tried = trial(catalog)
    kept = {tool.wire_name for tool in tried.tools}
    names = [one.wire_name for one in catalog.tools if only in ("", one.wire_name)]
    reasons = {one.tool: f"{one.place}: {one.reason}".strip(": ") for one in tried.skipped}
    by_name = catalog.by_name
    failing = {name: reasons.get(by_name[name].name, "") for name in names if name not in kept}
    world = infer_world(tried.tools, tried.worlds)
    sought = [name for name in names if name in kept]
    for clock in _CLOCKS:
        for seed in range(_SEEDS):
            sandbox = Sandbox(world, seed, clock)
            # Seed every entity: a constraint that no row can meet shows.
            for entity in world.entities.values():
                sandbox.store.rows(entity)
            sought = [
                name for name in sought if propose_arguments(sandbox, name, Random(seed)) is None
            ]
    return failing | dict.fromkeys(sought, NO_CALL)


def _find_costly(catalog: Catalog, trial: Trial, only: str = "") -> dict[str, str]:
    """As `find_failing`; what raises in the sandbox is an InputError, and costs what was said."""
    try:
        return find_failing(catalog, trial, only)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"cannot be run: {type(error).__name__}: {error}") from error


def _make_work(
    told: WorldModel, name: str, say: Say, trial: Trial
) -> tuple[WorldModel, list[Place]]:
    """The most of it with which the tool works, and what went for that; nothing where none helps.

    Its own words go first, then one thing, then all things that its parameters name.
    """

    def works(weaker: WorldModel) -> bool:
        try:
            return not _find_costly(say(weaker), trial, name)
        except InputError:
            return False

    tool = told.tools.get(name)
    if tool is not None:
        bare = tool.model_copy(
            update={"needs": (), "demands": (), "changes": {}, "parameters": {}, "shows": ()}
        )
        if works(_with_tool(told, name, bare)):
            lost = []
            for place, fuller in _take_up(tool):
                if works(_with_tool(told, name, grown := fuller(bare))):
                    bare = grown
                else:
                    lost.append(("tools", name, *place))
            return _with_tool(told, name, bare), lost
        if works(without := _with_tool(told, name, None)):
            return without, [("tools", name)]
    model = describe_world(say(told).tools, say(told).worlds).tools[name]
    domain = next(one.domain for one in say(told).tools if one.wire_name == name)
    nouns = (model.entity, *(one.entity for one in model.parameters.values()))
    about = [key for noun in dict.fromkeys(nouns) if (key := f"{domain}/{noun}") in told.entities]
    for gone in ([key] for key in (*about, *told.entities)):
        if works(without := _without_things(told, gone)):
            return without, [("entities", key) for key in gone]
    bare_world = _with_tool(_without_things(told, about), name, None)
    if works(bare_world):
        return bare_world, [("tools", name), *(("entities", key) for key in about)]
    return told, []


def _without_things(told: WorldModel, gone: Collection[str]) -> WorldModel:
    kept = {key: one for key, one in told.entities.items() if key not in gone}
    return told.model_copy(update={"entities": kept})


def _take_up(
    tool: ToolMeaning,
) -> Iterator[tuple[Place, Callable[[ToolMeaning], ToolMeaning]]]:
    """The parts that a bare tool lacks, with their places, and how each is given to it."""

    def add(key: str, part: object, name: str = "") -> Callable[[ToolMeaning], ToolMeaning]:
        def grown(now: ToolMeaning) -> ToolMeaning:
            held = getattr(now, key)
            whole = {**held, name: part} if isinstance(held, Mapping) else (*held, part)
            return now.model_copy(update={key: whole})

        return grown

    for path, parameter in tool.parameters.items():
        yield ("parameters", path), add("parameters", parameter, path)
    if tool.shows:
        shows = tool.shows
        yield ("shows",), lambda now: now.model_copy(update={"shows": shows})
    for key, parts in (("demands", tool.demands), ("needs", tool.needs)):
        for number, part in enumerate(parts):
            yield (key, number), add(key, part)
    for place, value in tool.changes.items():
        yield ("changes", place), add("changes", value, place)


def _with_tool(told: WorldModel, name: str, tool: ToolMeaning | None) -> WorldModel:
    """What is told, with this of one tool, or without that tool."""
    tools = {key: one for key, one in told.tools.items() if key != name}
    return told.model_copy(update={"tools": tools | ({name: tool} if tool is not None else {})})


def _without_constraint(
    told: WorldModel, error: InputError
) -> tuple[WorldModel, list[LeftOut]] | None:
    """Without the constraint that no row can meet, as the error quotes it; None of other errors."""
    noun = error.place.removeprefix("entities.").removesuffix(".constraints")
    for key, entity in told.entities.items():
        if split_entity_key(key)[1] != noun or not error.place.endswith(".constraints"):
            continue
        quoted = [
            number
            for number, one in enumerate(entity.constraints)
            if any(text and text in error.problem for text in (one.holds, one.equals))
        ]
        gone: Iterable[int] = quoted or range(len(entity.constraints))
        kept = tuple(one for at, one in enumerate(entity.constraints) if at not in gone)
        weaker: dict[str, EntityMeaning] = {
            **told.entities, key: entity.model_copy(update={"constraints": kept})
        }  # fmt: skip
        lost = [LeftOut(("entities", key, "constraints", at), error.problem) for at in gone]
        return (told.model_copy(update={"entities": weaker}), lost) if lost else None
    return None


def _without_cause(
    told: WorldModel, error: InputError, say: Say, trial: Trial
) -> tuple[WorldModel, list[LeftOut]]:
    """Without the least part without which another thing fails, or nothing."""

    def helps(weaker: JsonObject) -> bool:
        try:
            _find_costly(say(WorldModel.model_validate(weaker)), trial)
        except ValidationError:
            return False
        except InputError as other:
            return str(other) != str(error)
        return True

    value = dump_told(told)
    place = _find_cause(value, helps)
    return WorldModel.model_validate(_without(value, place)), [LeftOut(place, error.problem)]
