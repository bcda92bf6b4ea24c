"""What of a model's words fits the tools, the rules' conclusions and what people say.

The parts that the check of world models refuses are dropped one by one; what people say is never
touched, and the policy that they gave stands.
"""

from collections.abc import Sequence

from generators.completion.told_parts import LeftOut, Place, drop_all, place_of
from generators.importers.policy_text import squeeze
from generators.lexicon.nouns import singular
from generators.world.infer import describe_world, find_faults
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ToolSpec
from schemas.world_model import WorldModel, WorldSource

_MOST_ROUNDS = 40
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
    dropped = [*_drop_shown_schemas(value, before), *_drop_long_verbs(value, before)]
    for _ in range(_MOST_ROUNDS):
        said = WorldModel.model_validate(value)
        faults = _find_faults(tools, (first, source_of(said, tools, model), *own))
        if not faults:
            dropped += _fit_rules(value, before)
            return WorldModel.model_validate(value), dropped
        wrong = [(_find_place(value, fault, model), fault.problem) for fault in faults]
        if found := [(place, problem) for place, problem in wrong if place]:
            dropped += drop_all(value, found)
        else:  # a person's word, or a rule's, does not fit any more, and nothing tells why
            part = next(iter(value))
            del value[part]
            dropped.append(LeftOut((part,), f"cannot be taken in: {faults[0]}"))
    return WorldModel(), [*dropped, LeftOut((), "too much of it does not fit")]


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


def _find_place(value: JsonObject, fault: InputError, model: str) -> Place:
    """Where in the answer a fault lies; empty where the answer has nothing to do with it."""
    if fault.tool:
        place: Place = (
            "tools",
            fault.tool,
            *place_of(_at(value, "tools", fault.tool), fault.place),
        )
    else:
        place = place_of(value, fault.place)
    if len(place) < 2 or _at(value, *map(str, place[:2])) is None:
        return ()
    # A person's word that does not fit any more: what the model says of the same thing goes.
    return place if fault.file == model else place[:2]


def _at(value: JsonObject, *steps: str) -> JsonObject | None:
    for step in steps:
        value = value.get(step, {}) if isinstance(value, dict) else {}
    return value or None


def _drop_shown_schemas(value: JsonObject, before: WorldModel) -> list[LeftOut]:
    """Schemas of fields that the catalogue's own schemas tell: these stand."""
    dropped = []
    for noun, entity in value.get("entities", {}).items():
        known = {key.rpartition("/")[2]: one for key, one in before.entities.items()}.get(noun)
        for key in ("fields", "parts") if known is not None else ():
            own = getattr(known, key)
            for name, field in entity.get(key, {}).items():
                origin = own[name].origins.get("json_schema") if name in own else None
                shown = origin is not None and origin.source in ("schema", "file")
                if shown and field.pop("json_schema", None) is not None:
                    place = ("entities", noun, key, name, "json_schema")
                    dropped.append(LeftOut(place, "the catalogue's own schema tells it"))
    return dropped


def _drop_long_verbs(value: JsonObject, before: WorldModel) -> list[LeftOut]:
    """Verbs that name what is done to as well: a sentence would say it twice."""
    dropped = []
    for name, tool in value.get("tools", {}).items():
        noun = tool.get("entity") or before.tools[name].entity or ""
        words = set(map(singular, tool.get("verb", "").lower().split()))
        if "of" in words or len(words) > _LONGEST_VERB or words & set(noun.split()):
            del tool["verb"]
            said = "say the verb alone, without what it is done to"
            dropped.append(LeftOut(("tools", name, "verb"), said))
    return dropped


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
            if not (rule.get("require") or rule.get("ask")):
                dropped.append(LeftOut(place, "says neither what to require nor what to ask"))
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
