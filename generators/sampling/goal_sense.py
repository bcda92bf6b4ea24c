"""Which calls somebody makes on one occasion, and which make no sense after one another.

Wishes belong together where they are about the same rows or the same kind of thing, about what lies
in them, or about what else is the same person's. What they lie in together, an account, is no
reason; nor is the place, the repository, but for what bears the same name. It makes no sense to
look for what is known, to change what was just told, or to undo what was just done.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from generators.identity_cache import Same
from generators.language.deed_words import is_deed
from generators.lexicon.names import in_words
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import find_verb
from generators.sampling.chain_growth import clash
from generators.sandbox.own_rows import find_place, find_user
from generators.sandbox.row_links import find_inner
from generators.sandbox.tool_results import lone_text, tells_details
from generators.world.model import ToolModel, World
from schemas.graph import Edge

_SAME_ROWS, _SAME_PERSON, _SAME_NAMED = 4.0, 2.0, 0.5
"""How readily a wish follows another that it shares so much with."""
RELATED = _SAME_PERSON
"""What is less near is not of the same occasion, but by chance."""
_WRITES = 1.6
"""How much more readily, if it changes something: that is what people come for."""
_NEWS = 2
"""Fields that a read must show beside those that are known, to be asked for."""


@dataclass(frozen=True)
class ToolTopic:
    """What a tool is about."""

    model: ToolModel
    told: frozenset[str]
    """The entities that it has to be told rows of, but for the person and the place."""
    held: frozenset[str]
    """Those of which it has to be told rows, and that these belong to."""
    refers: frozenset[str]
    """Those that its rows say something of: the products of an order."""
    place: bool
    """It has to be told the place: the repository."""
    whole: bool
    """It is about the place itself."""
    person: bool
    """It is about what is the person's."""

    @cached_property
    def shown(self) -> frozenset[str]:
        """The fields that its result shows of a row."""
        return self.model.shown_fields

    @cached_property
    def worded(self) -> bool:
        """Its result is one text."""
        return lone_text(self.model.returns, None) is not None

    @cached_property
    def written(self) -> frozenset[str]:
        """The fields that it writes."""
        told = frozenset(p.field or p.name for p in self.model.parameters if p.use == "field")
        return told.union(self.model.transition[:1] if self.model.transition else ())


class GoalSense:
    """Knows of a world's tools which of them serve one occasion."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._topics: dict[str, ToolTopic] = {}
        self._idle: dict[tuple[str, str], bool] = {}
        self._near: dict[tuple[str, str], float] = {}

    def topic(self, tool: str) -> ToolTopic:
        """What a tool is about."""
        if tool not in self._topics:
            world, model = Same(self._world), self._world.models[tool]
            place = set(find_place(world, model.tool.domain))
            user = find_user(world, model.tool.domain)
            person = {user.key} if user else set()
            named = [p for p in model.parameters if p.required and p.use in _NAMING and p.entity]
            placed = {p.entity for p in named if p.use == "reference" and p.field in place}
            rows = {model.entity or "", *(p.entity or "" for p in named)} - {""}
            held = set[str]()
            waiting = [one.entity for one in named if one.entity]
            while waiting:
                key = waiting.pop()
                owner = self._world.entities[key].owner
                waiting += [owner] if owner and key not in held else []
                held.add(key)
            inner = find_inner(self._world)
            held |= {key for key, others in inner.items() if any(o.key in held for o in others)}
            whole = {key for key in rows if set(self._world.entities[key].identity) == place}
            # The entities of which rows of an entity hold something.
            entity = self._world.entities.get(model.entity or "")
            fields = (*entity.fields.values(), *entity.parts.values()) if entity else ()
            self._topics[tool] = ToolTopic(
                model,
                frozenset({p.entity or "" for p in named} - (whole & placed) - person),
                frozenset(held),
                frozenset({one.entity for one in fields if one.entity} - whole),
                bool(place) and place <= {p.field for p in named},
                bool(place) and model.entity in whole,
                not person.isdisjoint(rows),
            )
        return self._topics[tool]

    def goes_on(self, producer: str, consumer: str) -> bool:
        """Whether a call after another, which gives it a value, is of the same occasion."""
        writes = self._world.models[producer].writes
        return self._compare(producer, consumer) >= RELATED and not (
            writes and self.is_idle(producer, consumer)
        )

    def is_idle(self, earlier: str, later: str) -> bool:
        """Whether nobody would ask for the later call after the earlier one."""
        if (earlier, later) not in self._idle:
            self._idle[earlier, later] = _tells_nothing(self.topic(earlier), self.topic(later))
        return self._idle[earlier, later]

    def is_told_alike(self, called: Collection[str], tool: str) -> bool:
        """Whether a person who has asked for some calls can say what one more needs.

        It is about the same row, by what it is called, or about one that a list has told of in
        words; or one is made of a kind that was only looked at; or all is worked out of no row.
        """
        later, before = self._world.models[tool], [self._world.models[one] for one in called]
        named = _say_rows(later)
        if later.operation == "create":
            kin = [one.writes for one in before if one.entity == later.entity]
            return bool(kin) and not any(kin)
        told = {key for key, _ in named}
        return any(
            one.operation == later.operation == "compute"
            or not _say_rows(one).isdisjoint(named)
            or (one.operation == "list" and one.entity in told and self.topic(one.name).worded)
            for one in before
        )

    def may_follow(self, called: Iterable[str], tools: Iterable[str]) -> bool:
        """Whether more calls can be asked for after others."""
        later = list(tools)
        return not any(self.is_idle(one, other) for one in called for other in later)

    def measure_nearness(self, wanted: Collection[str], tool: str) -> float:
        """How readily a wish for a call follows other wishes; 0 where they share nothing."""
        return max((self._compare(one, tool) for one in wanted), default=0.0)

    def _compare(self, one: str, other: str) -> float:
        if (one, other) not in self._near:
            first, second = self.topic(one), self.topic(other)
            about, then = first.model.entity, second.model.entity
            words = [set(each.model.noun.split()) for each in (first, second)]
            akin = words[0] <= words[1] or words[1] <= words[0]
            follows = then in first.refers and not second.model.writes
            near = 0.0
            if first.model.operation == second.model.operation == "compute":
                near = _SAME_PERSON  # two sums of one person
            elif about is not None and (
                about == then or about in second.told or then in first.told
            ):
                near = _SAME_ROWS
            elif (
                follows
                or (first.person and second.person)
                or (first.place and second.place and akin)
            ):
                near = _SAME_PERSON
            elif first.refers & second.told:
                near = _SAME_NAMED
            self._near[one, other] = near * (_WRITES if second.model.writes else 1.0)
        return self._near[one, other]


def _say_rows(model: ToolModel) -> set[tuple[str | None, str | None]]:
    """The kinds of rows that a call has to be told by what people call them, each with the key."""
    return {
        (one.entity, one.field)
        for one in model.parameters
        if one.required and one.use in _NAMING and not one.opaque and "[]" not in one.path
    }


@lru_cache(maxsize=8)
def sense_of(world: Same[World]) -> GoalSense:
    """What is known of a world's tools, worked out once."""
    return GoalSense(world.it)


_NAMING = ("identity", "reference")


def _tells_nothing(earlier: ToolTopic, later: ToolTopic) -> bool:
    """Whether the later call finds out what is known, or does again or undoes what was done."""
    one, two = earlier.model, later.model
    if one.name == two.name or (one.writes and clash(one, two)):
        return True
    applauds = two.noun.rpartition(" ")[2] in load_words("relations", "from_others")
    if applauds and one.operation == two.operation == "create" and one.entity in later.held:
        return True  # nobody applauds what they have just written
    if one.writes and earlier.place and later.whole and ends_row(two):
        return True  # nobody ends the place in which they have just worked
    if one.writes and one.entity != two.entity:
        gone = one.entity in later.held or two.entity in earlier.refers
        over = ends_row(one) and gone  # what is over gets nothing more, and is not followed up …
        if over or (ends_row(two) and two.entity in earlier.held):  # … nor ends when just used
            return True
    if one.entity is None or one.entity != two.entity:
        return False
    if one.operation == "create":
        return True  # what was just told is neither looked for nor changed
    if two.writes and one.writes:
        again = one.verb == two.verb and not earlier.written | later.written  # by another tool
        over = again or ends_row(one) or ends_row(two) or bool(earlier.written & later.written)
        return over and two.operation != "create"
    if two.operation == "list":
        return True  # some of these rows are known
    if earlier.worded and later.worded and not two.writes:  # a text is told apart by its name
        return one.operation != "list" and tells_details(one) == tells_details(two)
    # Whether what a tool shows depends on what it is asked to do.
    return (
        not two.writes
        and len(later.shown - earlier.shown) < _NEWS
        and not any(map(is_deed, two.parameters))
    )


def ends_row(model: ToolModel) -> bool:
    """Whether a row is over once this is done, or may be: it is told which state to put it in."""
    over = load_words("inference", "ended")
    state = model.transition[1] if model.transition else find_verb(model.verb).state
    told = (p.schema.get("enum", ()) for p in model.parameters if p.use == "field" and p.required)
    states = [state, *(one for choices in told for one in choices if isinstance(one, str))]
    ends = any(not over.isdisjoint(in_words(one).split()) for one in states)
    ends |= model.verb in load_words("inference", "ended_by")
    return model.operation == "delete" or (model.operation == "update" and ends)


def makes_sense(edge: Edge, world: World) -> bool:
    """Whether somebody would go on along an edge.

    It stays in its domain. Nothing new is made of what a row of the same kind already has: no
    flight is booked because it is booked. What a row holds itself is read from it: the items that
    are taken out of an order are its own; what it is changed to is not, but of the same product.
    A thing is looked up among those of its kind, not in a row that nobody named: the newest show.
    """
    producer, consumer = world.models[edge.producer], world.models[edge.consumer]
    if producer.tool.domain != consumer.tool.domain:
        return False
    if edge.result_path.endswith("[]") and edge.result_path.count("[]") > 1:
        return False  # of bare ids in each row of a list nobody says which one
    parameter = consumer.parameter(edge.parameter)
    if consumer.operation == "list" and parameter.use == "identity" and "[]" in parameter.path:
        return producer.entity != consumer.entity  # a node that has just been shown is open
    if consumer.entity is None or producer.entity is None:
        return True
    if not consumer.writes:
        user = find_user(Same(world), producer.tool.domain)
        named = any(one.required for one in producer.parameters)
        other = producer.entity not in (consumer.entity, user and user.key)
        return named or producer.operation != "get" or not (other and "[]" in edge.result_path)
    leaf = edge.result_path.rpartition(".")[2]
    same = consumer.operation == "update" and consumer.transition is None
    same = same and producer.entity == consumer.entity and parameter.use == "field"
    if same and leaf in (parameter.field, parameter.name):
        return False  # what the row holds already changes nothing
    if consumer.operation == "create":
        return producer.entity != consumer.entity or parameter.entity == consumer.entity
    own = parameter.name in world.entities[consumer.entity].fields
    own = own and consumer.operation == "update" and parameter.path.endswith("[]")
    own = own and parameter.entity not in (None, consumer.entity)
    if own:
        return producer.entity == consumer.entity
    # What comes in its place is one of those that a read shows together: the items of a product.
    tables = {side.table for one in consumer.demands for side in one.sides
              if parameter.path.removesuffix("[]") in one.parameters}  # fmt: skip
    return not tables or (producer.entity in tables and producer.operation == "get")
