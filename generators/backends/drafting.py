"""One attempt at the arguments of a call, from rows that agree with each other.

A row is picked for the tool's own entity, and one for each entity that a parameter names; whatever
two of them say of the same thing is the same. Whether the call succeeds is tried in
`generators.backends.proposing`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from generators.sandbox.people import People
from generators.sandbox.schema_validity import MISSING, adapt, fits, kind_of, simple
from generators.sandbox.times import read_clock
from generators.sandbox.values import invent, meaning
from generators.world.model import Entity, ParameterModel, ToolModel, World, strip_indices
from schemas.record import JsonObject

Rows = Callable[[str], Sequence[Mapping[str, Any]]]
Column = Callable[[str], Sequence[Any]]
Row = Mapping[str, Any]

_NOWHERE: Row = {}
_TEXT: JsonObject = {"type": "string"}
_SPOKEN = frozenset({"title", "text", "person_name", "first_name", "last_name", "company", "label"})
"""Meanings of fields that people search by."""


class Draft:
    """What has been chosen so far, so that all parts agree."""

    def __init__(
        self,
        world: World,
        model: ToolModel,
        rows: Rows,
        column: Column,
        clock: str,
        rng: Random,
        given: Mapping[str, Any],
    ) -> None:
        self.world, self.model, self.rng, self.given = world, model, rng, given
        self._rows, self._column, self._clock = rows, column, clock
        self._scene = People(rng)
        self._known: dict[str, Any] = {}
        """Field → value: what the rows that were picked say of ids."""
        self._picked: dict[str, list[Row]] = {}
        """Entity → the rows of it that are meant."""
        self._parameters = {parameter.path: parameter for parameter in model.parameters}

    def arguments(self, optional: int) -> JsonObject | None:
        """The arguments, with so many that need not be given; None where a needed row is lacking.

        ``optional`` counts parameters at the top.
        """
        for path, value in self.given.items():
            self._know(path, value)
        self._target = self._pick_target()
        schema = simple(self.model.tool.parameters)
        wanted = self._wanted(schema, optional)
        made: JsonObject = {}
        for name in schema.get("properties", {}):
            if name in wanted:
                value = self._value(simple(schema["properties"][name]), name)
                if value is MISSING:
                    if name in self.model.tool.required:
                        return None
                    continue
                made[name] = value
        return made

    def _wanted(self, schema: JsonObject, optional: int) -> set[str]:
        needed = {path.partition(".")[0].partition("[")[0] for path in self.given}
        needed |= set(schema.get("required", ()))
        others = [name for name in schema.get("properties", {}) if name not in needed]
        count = min(optional, len(others))
        return needed | set(self.rng.sample(others, self.rng.randint(min(1, count), count)))

    # -- rows

    def _know(self, path: str, value: Any) -> None:
        parameter = self._parameters.get(strip_indices(path))
        if parameter is not None and not isinstance(value, dict | list):
            for name in (parameter.field, parameter.name):
                if name:
                    self._known.setdefault(name, value)

    def _pick_target(self) -> Row:
        entity = self.model.entity
        if entity is None or self.model.operation in ("create", "compute"):
            return _NOWHERE
        return self._pick(entity) or _NOWHERE

    def _pick(self, entity: str, field: str = "", besides: Any = MISSING) -> Row | None:
        """A row that contradicts as little as can be of what is known, another one each time.

        Not the one that has ``besides`` in ``field``: it is to be moved to another.
        """
        taken = self._picked.setdefault(entity, [])
        rows = [row for row in self._rows(entity) if row not in taken]
        if besides is not MISSING:
            rows = [row for row in rows if row.get(field) != besides]
        if not rows:
            return None
        scores = [self._agreement(row) for row in rows]
        best = [row for row, score in zip(rows, scores, strict=True) if score == max(scores)]
        row = self.rng.choice(best)
        taken.append(row)
        for name, value in row.items():
            if name.endswith("id") and isinstance(value, str | int):
                self._known.setdefault(name, value)
        return row

    def _agreement(self, row: Row) -> int:
        shared = [row[name] == value for name, value in self._known.items() if name in row]
        return sum(1 if same else -2 for same in shared)

    # -- structure

    def _value(self, schema: JsonObject, path: str) -> Any:
        if path in self.given:
            return self.given[path]
        kind = kind_of(schema)
        if kind == "object" and schema.get("properties"):
            return self._object(schema, path)
        if kind == "array" and strip_indices(path) not in self._parameters:
            return self._array(schema, path)
        return self._leaf(schema, path)

    def _object(self, schema: JsonObject, path: str) -> Any:
        made: JsonObject = {}
        required = schema.get("required", ())
        for name, rule in schema["properties"].items():
            below = f"{path}.{name}"
            named = any(place.startswith(below) for place in self.given)
            if name in required or named or self.rng.random() < 0.3:
                value = self._value(simple(rule), below)
                if value is not MISSING:
                    made[name] = value
                elif name in required:
                    return MISSING
        return made

    def _array(self, schema: JsonObject, path: str) -> Any:
        rule = schema.get("items")
        items = simple(rule if isinstance(rule, dict) else {"type": "string"})
        numbers = [int(place[len(path) + 1 :].partition("]")[0])
                   for place in self.given if place.startswith(f"{path}[")]  # fmt: skip
        least = max(schema.get("minItems", 1), max(numbers, default=0) + 1)
        made: list[Any] = []
        for at in range(max(least, self.rng.choice((1, 1, 2)))):
            value = self._value(items, f"{path}[{at}]")
            if value is MISSING or (value in made and at >= least):
                break
            made.append(value)
        return made if len(made) >= least else MISSING

    # -- leaves

    def _leaf(self, schema: JsonObject, path: str) -> Any:
        parameter = self._parameters.get(strip_indices(path))
        if parameter is None:
            return self._invented(schema, path.rpartition(".")[2])
        if "const" in schema:
            return schema["const"]
        found = self._found(parameter, schema, path)
        if found is not MISSING and found is not None:
            fitting = adapt(found, schema)
            if fitting is not MISSING and fits(fitting, schema):
                return fitting
        names_row = parameter.use in ("identity", "reference") and self.model.operation != "create"
        numbered = parameter.semantic == "number_id" and names_row
        if (parameter.opaque or numbered) and "enum" not in schema:
            return MISSING  # nobody can make up an id that there is
        return self._made_up(parameter, schema)

    def _found(self, parameter: ParameterModel, schema: JsonObject, path: str) -> Any:
        if parameter.use in ("identity", "reference") or parameter.opaque:
            return self._named(parameter, "[" in path)
        if "enum" in schema and parameter.use != "filter":
            return MISSING
        if parameter.use in ("filter", "minimum", "maximum", "query"):
            return self._asked(parameter)
        if parameter.use in ("input", "option"):
            return self._seen(parameter)
        return MISSING

    def _named(self, parameter: ParameterModel, is_element: bool) -> Any:
        """The id of a row: of the target where it has it, of another that agrees, or one seen."""
        field = parameter.field or parameter.name
        own = self._own(parameter)
        moved = parameter.use == "reference" and self.model.writes and self.rng.random() < 0.5
        if own is not MISSING and not moved and not is_element:
            return own
        entity = self.world.entities.get(parameter.entity or "") or self._entity_of(field)
        besides = own if moved else MISSING
        if entity is not None and (row := self._pick(entity.key, field, besides)) is not None:
            for name in (field, parameter.name, *entity.identity[-1:], "id"):
                if row.get(name) is not None:
                    return row[name]
        return self._seen(parameter) if own is MISSING else own

    def _entity_of(self, field: str) -> Entity | None:
        """The entity of the tool's domain whose rows this field names."""
        domain = self.model.tool.domain
        return next((one for one in self.world.entities.values()
                     if one.domain == domain and one.identity[-1:] == (field,)), None)  # fmt: skip

    def _own(self, parameter: ParameterModel) -> Any:
        for name in filter(None, (parameter.field, parameter.name)):
            held = self._known.get(name) if name not in self._target else self._target[name]
            if held is not None and not isinstance(held, dict | list):
                return held
        if parameter.use == "identity" and self.model.operation != "create":
            return self._target.get("id", MISSING)
        return MISSING

    def _asked(self, parameter: ParameterModel) -> Any:
        """A condition that the target row satisfies."""
        if parameter.use == "query":
            texts = [value for name, value in self._target.items()
                     if isinstance(value, str) and meaning(name, _TEXT) in _SPOKEN]  # fmt: skip
            words = [word for text in texts for word in text.split() if word.isalpha()]
            return self.rng.choice(words) if words else self._seen(parameter)
        held = self._target.get(parameter.field or parameter.name, MISSING)
        if isinstance(held, list) and held:
            return self.rng.choice(held)
        return self._seen(parameter) if held is MISSING else held

    def _seen(self, parameter: ParameterModel) -> Any:
        for name in dict.fromkeys((parameter.name, parameter.field or parameter.name)):
            values = self._column(name)
            if values:
                return self.rng.choice(values)
        return MISSING

    def _made_up(self, parameter: ParameterModel, schema: JsonObject) -> Any:
        if "enum" in schema:
            held = self._target.get(parameter.field or parameter.name)
            others = [one for one in schema["enum"] if one is not None and one != held]
            return self.rng.choice(others or schema["enum"])
        if schema.get("default") is not None and self.rng.random() < 0.5:
            return schema["default"]
        if schema.get("examples"):
            return self.rng.choice(schema["examples"])
        if kind_of(schema) in ("number", "integer") and self.rng.random() < 0.5:
            fitting = self._amount(schema)
            if fitting is not MISSING:
                return fitting
        if parameter.semantic == "date" and self.model.writes and self.rng.random() < 0.5:
            soon = read_clock(self._clock) + timedelta(days=self.rng.randrange(1, 40))
            if fits(soon.date().isoformat(), schema):
                return soon.date().isoformat()
        noun = (self.model.noun or "").rpartition(" ")[2]
        return invent(parameter.semantic, schema, self.rng, name=parameter.name, noun=noun,
                      clock=self._clock, scene=self._scene)  # fmt: skip

    def _amount(self, schema: JsonObject) -> Any:
        """A number of the rows that are meant, or a little more: what is owed, what comes next."""
        held = [value for rows in self._picked.values() for row in rows for value in row.values()
                if isinstance(value, int | float) and not isinstance(value, bool)]  # fmt: skip
        if not held:
            return MISSING
        value = self.rng.choice(held)
        if self.rng.random() < 0.5:
            value = round(value * self.rng.uniform(1, 1.05), 2)
        if kind_of(schema) == "integer":
            value = round(value)
        return value if fits(value, schema) else MISSING

    def _invented(self, schema: JsonObject, name: str) -> Any:
        return invent(meaning(name, schema), schema, self.rng, name=name,
                      clock=self._clock, scene=self._scene)  # fmt: skip
