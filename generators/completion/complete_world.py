"""Asks a model for the world model of a catalogue, and keeps what fits and works.

Domain by domain: one request for the service and its things, then the tools, a few in each. What
nobody is in need of asking is not asked: what a person said stands. An answer is taken in piece by
piece; of what does not fit the model is told once, and puts it right or not. A request that comes
to nothing leaves its part unknown; where the endpoint is gone, or answers nothing at all, its
ProviderError passes through.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from generators.completion.fitting import Trial, dump_told, fit_told, keep_working, source_of
from generators.completion.told_parts import LeftOut, read_told
from generators.completion.world_questions import Known, Question, ask_of_domain, ask_of_tools
from generators.world.infer import describe_world
from generators.world.overrides import merge_sources, merge_worlds
from schemas.awaiting import await_all
from schemas.chat import ChatModel
from schemas.errors import InputError, RefusedRequestError
from schemas.tool import Catalog, ToolSpec
from schemas.world_model import WorldModel, WorldSource

Heard = Callable[[int, int], None]
"""Is told how many requests were answered, of how many."""


@dataclass
class Completed:
    """What came of it."""

    catalog: Catalog
    """With what the model says, weaker than any person."""
    said: WorldModel = field(default_factory=WorldModel)
    dropped: tuple[str, ...] = ()
    """What was left out, each with place and reason."""
    requests: int = 0


@dataclass
class _Talk:
    """The requests of one completion."""

    chat: ChatModel
    heard: Heard
    asked: int = 0
    answered: int = 0
    failures: list[RefusedRequestError] = field(default_factory=list)

    async def ask(self, question: Question) -> str | None:
        """The answer's text; None where this request came to nothing. Raises ProviderError."""
        self.asked += 1
        try:
            reply = await self.chat.complete(question.request())
        except RefusedRequestError as error:
            self.failures.append(error)
            return None
        self.answered += 1
        self.heard(self.answered, self.asked)
        return reply.text


async def complete_world(
    catalog: Catalog,
    known: Sequence[Known],
    chat: ChatModel,
    trial: Trial,
    heard: Heard = lambda *_: None,
) -> Completed:
    """The catalogue with what a model says of it. Raises ProviderError.

    ``known``: its `open_domains`; ``trial``: what becomes of the tools of a catalogue. What is
    asked depends on tools, sources and answers alone, not on the tools' order.
    """
    talk = _Talk(chat, heard)

    def find_out(tools: Sequence[ToolSpec], said: WorldModel) -> Mapping[str, str]:
        return _find_out(
            _with_source(catalog.model_copy(update={"tools": tools}), said, chat.name), trial
        )

    results = await await_all(
        _complete_domain(one, catalog.worlds, talk, find_out) for one in known
    )
    if talk.asked and not talk.answered:
        raise talk.failures[0]
    said, dropped = WorldModel(), [str(one) for _, lost in results for one in lost]
    for told, _ in results:
        said = merge_worlds(told, said)
    said, lost = keep_working(said, lambda told: _with_source(catalog, told, chat.name), trial)
    dropped += map(str, lost)
    said = _with_schemas(said, _with_source(catalog, said, chat.name))
    dropped += [f"a request came to nothing: {error}" for error in talk.failures]
    return Completed(_with_source(catalog, said, chat.name), said, tuple(dropped), talk.asked)


def estimate(known: Sequence[Known]) -> tuple[int, int]:
    """About how many requests there will be, and characters in them, without repairs."""
    questions = [
        question for one in known for question in (*ask_of_domain(one), *ask_of_tools(one))
    ]
    texts = [str(one["content"]) for question in questions for one in question.messages]
    return len(questions), sum(map(len, texts))


def open_domains(catalog: Catalog, trial: Trial) -> list[Known]:
    """What is known so far of each domain of which something is still to be said."""
    domains: dict[str, list[ToolSpec]] = {}
    for tool in sorted(catalog.tools, key=lambda tool: (tool.domain, tool.wire_name)):
        domains.setdefault(tool.domain, []).append(tool)
    known: list[Known] = []
    for domain, tools in domains.items():
        own = tuple(_within(catalog.worlds, domain, {tool.wire_name for tool in tools}))
        one = Known(domain, tuple(tools), merge_sources(own), describe_world(tools, own), {})
        known += [one] if one.is_open or one.open_entities or one.open_tools else []
    if not known:
        return []
    out = _find_out(catalog, trial)
    return [replace(one, out=out) for one in known]


def _find_out(catalog: Catalog, trial: Trial) -> dict[str, str]:
    """Tool that is out so far → why."""
    reasons = {
        (one.file, one.tool): f"{one.place}: {one.reason}".strip(": ")
        for one in trial(catalog).skipped
    }
    keys = {tool.wire_name: (tool.source.path, tool.name) for tool in catalog.tools}
    return {name: reasons[key] for name, key in keys.items() if key in reasons}


def _within(sources: Iterable[WorldSource], domain: str, names: set[str]) -> Iterator[WorldSource]:
    """What the sources say of one domain."""
    for source in sources:
        if domain not in source.domains:
            continue
        world = source.world
        said = {
            "domains": {key: one for key, one in world.domains.items() if key == domain},
            "entities": {
                key: one
                for key, one in world.entities.items()
                if "/" not in key or key.startswith(f"{domain}/")
            },
            "tools": {key: one for key, one in world.tools.items() if key in names},
        }
        update = {"domains": (domain,), "world": world.model_copy(update=said)}
        yield source.model_copy(update=update)


async def _complete_domain(
    known: Known,
    sources: Sequence[WorldSource],
    talk: _Talk,
    find_out: Callable[[Sequence[ToolSpec], WorldModel], Mapping[str, str]],
) -> tuple[WorldModel, list[LeftOut]]:
    """What the model says of one domain, by domain and noun, and what was left out of that."""
    own = tuple(_within(sources, known.domain, {tool.wire_name for tool in known.tools}))
    said, dropped = await _ask_all(ask_of_domain(known), known, own, WorldModel(), talk)
    first = source_of(said, known.tools, talk.chat.name)
    merged = describe_world(known.tools, (first, *own))
    with suppress(InputError):  # what fits and cannot be run is found when all is said
        known = replace(known, out=find_out(known.tools, said))
    known = replace(known, merged=merged)
    more, lost = await _ask_all(ask_of_tools(known), known, own, said, talk)
    keyed = {f"{known.domain}/{noun}": one for noun, one in more.entities.items()}
    return more.model_copy(update={"entities": keyed}), [*dropped, *lost]


async def _ask_all(
    questions: Iterable[Question],
    known: Known,
    own: Sequence[WorldSource],
    base: WorldModel,
    talk: _Talk,
) -> tuple[WorldModel, list[LeftOut]]:
    """``base`` with what is answered to all the questions."""
    talks = [_Answering(one, known, own, base, talk) for one in questions]
    parts = await await_all(one.answer() for one in talks)
    said, dropped = base, [one for _, lost in parts for one in lost]
    for told, _ in parts:  # each fits by itself; together they may not
        fitting, lost = fit_told(known.tools, own, said, told, talk.chat.name)
        said = merge_worlds(fitting, said)
        dropped += lost
    return said, dropped


@dataclass(frozen=True)
class _Answering:
    """One question, and what its answer has to fit."""

    question: Question
    known: Known
    own: Sequence[WorldSource]
    base: WorldModel
    talk: _Talk

    async def answer(self) -> tuple[WorldModel, list[LeftOut]]:
        """What is answered, after at most one request to put it right, and what is left out."""
        about = (self.question.about,)
        text = await self.talk.ask(self.question)
        if text is None:
            return WorldModel(), [LeftOut(about, "was not answered")]
        told, dropped, problem = self.read(text, self.base)
        if not (dropped or problem):
            return told, []
        lines = list(map(str, dropped))
        again = await self.talk.ask(self.question.again(text, problem, lines))
        if again is None:
            return told, dropped or [LeftOut(about, problem)]
        mended, still, trouble = self.read(again, merge_worlds(told, self.base))
        if problem and trouble:
            return told, [LeftOut(about, trouble)]
        value = dump_told(mended)
        left = [one for one in dropped if not _says(value, one.place)]
        return merge_worlds(mended, told), [*left, *(one for one in still if one not in left)]

    def read(self, text: str, base: WorldModel) -> tuple[WorldModel, list[LeftOut], str]:
        """What an answer says that fits on top of ``base``, what does not, why it is none."""
        tools = self.known.tools
        names = [tool.wire_name for tool in tools]
        try:
            told, dropped = read_told(text, self.question.keys, self.known.domain, names)
        except ValueError as error:
            return WorldModel(), [], str(error)
        fitting, lost = fit_told(tools, self.own, base, told, self.talk.chat.name)
        return fitting, [*dropped, *lost], ""


def _says(value: object, place: Sequence[str | int]) -> bool:
    """Whether there is something at a place, or at the list around it."""
    for step in place:
        if isinstance(value, list):
            return True
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return bool(place)


def _with_schemas(said: WorldModel, catalog: Catalog) -> WorldModel:
    """With schemas of the fields that are there by the model's word alone: a person's need them."""
    merged, entities = describe_world(catalog.tools, catalog.worlds).entities, {}
    for key, entity in said.entities.items():
        fields = dict(entity.fields)
        for name, told in fields.items():
            found = merged[key].fields[name]
            if told.json_schema is None and found.origins["json_schema"].source == "model":
                fields[name] = told.model_copy(update={"json_schema": found.json_schema})
        entities[key] = entity.model_copy(update={"fields": fields})
    return said.model_copy(update={"entities": entities})


def _with_source(catalog: Catalog, said: WorldModel, model: str) -> Catalog:
    """The catalogue with these words of a model, the weakest of all."""
    if said == WorldModel():
        return catalog
    source = source_of(said, catalog.tools, model)
    return catalog.model_copy(update={"worlds": (source, *catalog.worlds)})
