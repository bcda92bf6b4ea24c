"""What a model says may not cost a tool that could be called before: that is tried, call by call.

A tool works where the trial takes it and a call of it is found that succeeds, in one of several
worlds. Of what a model says of a tool that works no more, part after part is taken up again as long
as the tool works; where the bare tool does not, its things go.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random

from generators.completion.told_parts import LeftOut, Place
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.infer import infer_world
from generators.world.model import split_entity_key
from schemas.errors import InputError
from schemas.tool import Catalog
from schemas.world_model import EntityMeaning, ToolMeaning, WorldModel

Say = Callable[[WorldModel], Catalog]
"""What a model says → the catalogue with it."""
Trial = Callable[[Catalog], Catalog]
"""A catalogue → the same with the tools that can be called."""

_SEEDS = 4
_CLOCKS = ("2026-01-15T09:00:00+00:00", "2026-08-20T14:30:00+00:00")
_MOST_ROUNDS = 12
NO_CALL = "no call of it was found that succeeds"


def keep_working(told: WorldModel, say: Say, trial: Trial) -> tuple[WorldModel, list[LeftOut]]:
    """What of it costs no tool, and what does."""
    dropped: list[LeftOut] = []
    if told == WorldModel():
        return told, dropped
    before = find_failing(say(WorldModel()), trial)
    for _ in range(_MOST_ROUNDS):
        try:
            failing = _find_failing(say(told), trial)
        except InputError as error:  # rows that no world can have
            told, lost = _without_constraint(told, error)
            dropped += lost
            continue
        costly = {name: why for name, why in failing.items() if name not in before}
        if not costly:
            return told, dropped
        for name, why in costly.items():
            told, places = _make_work(told, name, say, trial if why != NO_CALL else _take_all)
            said = f"with it {name} could not be called: {why}"
            dropped += [LeftOut(place, said) for place in places]
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


def _find_failing(catalog: Catalog, trial: Trial, only: str = "") -> dict[str, str]:
    """As `find_failing`; what raises in the sandbox is an InputError, and costs what was said."""
    try:
        return find_failing(catalog, trial, only)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"cannot be run: {type(error).__name__}: {error}") from error


def _take_all(catalog: Catalog) -> Catalog:
    return catalog


def _make_work(
    told: WorldModel, name: str, say: Say, trial: Trial
) -> tuple[WorldModel, list[Place]]:
    """The most of it with which the tool works, and what went for that."""

    def works(weaker: WorldModel) -> bool:
        try:
            return not _find_failing(say(weaker), trial, name)
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
    for noun in told.entities:
        kept = {key: one for key, one in told.entities.items() if key != noun}
        if works(without := told.model_copy(update={"entities": kept})):
            return without, [("entities", noun)]
    bare_world = told.model_copy(update={"entities": {}})
    if works(bare_world):
        return bare_world, [("entities",)]
    return bare_world.model_copy(update={"tools": {}}), [("entities",), ("tools",)]


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


def _without_constraint(told: WorldModel, error: InputError) -> tuple[WorldModel, list[LeftOut]]:
    """Without what no row can meet: the constraint that the error quotes, else all of the thing."""
    noun = error.place.removeprefix("entities.").removesuffix(".constraints")
    for key, entity in told.entities.items():
        if split_entity_key(key)[1] != noun or not entity.constraints:
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
        return told.model_copy(update={"entities": weaker}), lost
    if told.entities:
        bare = told.model_copy(update={"entities": {}})
        return bare, [LeftOut(("entities",), error.problem)]
    return WorldModel(), [LeftOut((), error.problem)]
