"""The language in which a world model writes conditions and values over rows and arguments.

::

    doctor.accepts_new_patients or exists(appointment, patient_id=patient_id, doctor_id=doctor_id)
    round(sum(items[].price * items[].quantity) + delivery_fee, 2)
    none(booking, it.start < end and it.end > start, room_id=room_id)
    appointment.date - today >= 1d

A text is Python's syntax for expressions, of which little is let through: nothing in it reaches an
object of Python, and evaluating it never raises an error and always ends.

- **Names** are what the `ExpressionScope` knows: parameters, fields, ``row``, ``today``, ``now``.
  Any word may be one, Python's keywords too (``from``); with other letters:
  ``arguments["user-id"]``.
- **Dots** take a field; where a row has no such field, the row that it refers to by that name:
  ``patient.emergency_contact.name``. ``stops[0]``, ``stops[-1]`` take one value of a list.
- ``items[]`` stands for **each** value of a list: ``items[].price`` are all prices, and what is
  written around them is done for each (``items[].price * items[].quantity``; ``price * 2``). A
  condition over each holds where it holds for all; ``any(…)`` asks for one, and ``not`` is done
  for each too.
- **Unknown** is what a row does not have, and null. What is made of it is unknown: a comparison, a
  sum, ``not``. ``and`` is false where one side is, ``or`` true where one is, whatever the other.
  An unknown condition does not hold. ``x is missing``, ``x is not missing``, ``known(x)`` ask for
  it, ``default(x, 0)`` fills it. What does not fit together (a text less than a number, a division
  by zero) is unknown too.
- **Dates and times** are texts in the ISO form, compared and reckoned with as such: ``due + 2d`` is
  written like ``due``, ``end - start`` is a duration. Durations: ``30min``, ``24h``, ``2d``,
  ``1w``, ``hours(n)``. A date against a moment is compared by the day.
- **Numbers** that agree in nine digits are equal, so that sums of prices are.
- **Functions**: `FUNCTIONS`, and those that go through the rows of an entity (`QUERIES`), in whose
  conditions ``it`` is the row looked at. ``it`` needs no name where fields must be equal:
  ``field=value``, or one of a list: ``status=["active", "overdue"]``.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from generators.world.expression_code import Code, CodeWriter
from generators.world.expression_functions import ExpressionScope as ExpressionScope
from generators.world.expression_text import ExpressionText, find_comparisons, split_conditions
from generators.world.expression_values import MISSING, Each, decide_truth
from schemas.errors import InputError

_MOST_CHARACTERS = 1000
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "in": "not in",
             "not in": "in"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a comparison that is a path, and what it is compared with: ``date > today``."""

    path: tuple[str, ...]
    operator: str
    """As it is written, the path on its left: ``>=``, ``not in``."""
    other: Code = field(compare=False, repr=False)

    def evaluate(self, scope: ExpressionScope) -> Any:
        """What the path is compared with; `MISSING` where it is unknown."""
        return self.other.run(scope, MISSING)


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the conditions that an expression joins by ``and``."""

    names: tuple[str, ...]
    """The paths that it takes from its scope: ``doctor.full_name``, ``items[].price``."""
    bounds: tuple[Bound, ...]
    """Of a comparison: its sides that are paths."""
    code: Code = field(compare=False, repr=False)

    def holds(self, scope: ExpressionScope) -> bool:
        """Whether it is met; what is unknown is not."""
        found = self.code.run(scope, MISSING)
        return found is True or (type(found) is Each and decide_truth(found) is True)

    def fails(self, scope: ExpressionScope) -> bool:
        """Whether it is known not to be met."""
        found = self.code.run(scope, MISSING)
        return found is False or (type(found) is Each and decide_truth(found) is False)


@dataclass(frozen=True, slots=True)
class Expression(Condition):
    """A text that was read, ready to be evaluated."""

    text: str
    queries: tuple[tuple[str, str], ...]
    """Entity and path of what it takes from rows that it goes through."""
    entities: tuple[str, ...]
    """The nouns of the rows that it goes through."""
    path: tuple[str, ...] | None
    """Its steps, where it is one path and nothing else: ``("items", "[]", "price")``."""
    conditions: tuple[Condition, ...]
    """Those that must all hold for it to hold; itself, where it is no ``and`` of several."""

    def evaluate(self, scope: ExpressionScope) -> Any:
        """The value; a list for what was done for each; `MISSING` where it is unknown."""
        value = self.code.run(scope, MISSING)
        return list(value) if type(value) is Each else value


@lru_cache(maxsize=8192)
def parse_expression(text: str) -> Expression:
    """Read a text; raises `InputError` with the place in it where it is none."""
    text = text.strip()
    if len(text) > _MOST_CHARACTERS:
        raise InputError(f"an expression has at most {_MOST_CHARACTERS} characters")
    source = ExpressionText(text)
    body, writer = source.parse(), CodeWriter(source)
    path, (whole, names) = writer.find_path(body), writer.read(body)
    parts = []
    for node in split_conditions(body):
        code, named = (whole, names) if node is body else writer.read(node)
        bounds = [(p, sign, writer.read(other)[0]) for p, sign, other in writer.find_bounds(node)]
        parts.append((code, named, bounds))
    codes = [whole, *(one for code, _, bounds in parts for one in (code, *(b[2] for b in bounds)))]
    runs = writer.compile(codes)
    conditions = tuple(
        Condition(names, tuple(Bound(p, sign, runs[one]) for p, sign, one in bounds), runs[code])
        for code, names, bounds in parts
    )
    return Expression(
        names=names,
        bounds=conditions[0].bounds if len(conditions) == 1 else (),
        code=runs[whole],
        text=text,
        queries=tuple(dict.fromkeys(writer.queries)),
        entities=tuple(dict.fromkeys(writer.entities)),
        path=path,
        conditions=conditions,
    )


@lru_cache(maxsize=1024)
def find_breaking_bounds(text: str) -> tuple[Bound, ...]:
    """Of each comparison in a condition, beyond what it fails: of ``amount <= 100``, more."""
    source = ExpressionText(text.strip())
    body, writer = source.parse(), CodeWriter(source)
    found = [
        (path, _OPPOSITE[sign], writer.read(other)[0])
        for node in find_comparisons(body)
        for path, sign, other in writer.find_bounds(node)
    ]
    runs = writer.compile(code for *_, code in found)
    return tuple(Bound(path, sign, runs[code]) for path, sign, code in found)
