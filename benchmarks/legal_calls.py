"""Random legal calls on every catalogue: none may crash, every result must satisfy its schema.

``python -m benchmarks.legal_calls [N] [--seed S] [--only NAME]…`` runs N calls (1,000) on each of
the project's own catalogues and those in ../shared/real, and a tenth as many on each server of
Toucan, as a build with ``--include-doubtful`` offers them. The state runs on, so that writes mix
with reads; every now and then a new world begins. Three kinds of calls take turns:

========  =======================================================================================
proposed  drawn by `generators.sandbox.propose`: must succeed
drawn     arguments from the tool's schema alone: may be refused
mixed     a proposed call in which some arguments are drawn from their schemas: may be refused
========  =======================================================================================

A result is judged by jsonschema with the schema that the source gives, or, where it gives none,
with the one that was made up for it. A write that succeeds is applied where neither its result nor
the rows that it has touched contradict what it was told.
"""

import argparse
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from random import Random
from typing import Any

from jsonschema import Draft202012Validator

from benchmarks.catalogues import ALL, CLOCK, MORE, Opened, offered, opened, toucan
from benchmarks.lines import CannotRun, Line
from benchmarks.schema_values import draw
from generators.sandbox.compiled_tools import pick
from generators.sandbox.row_values import as_text
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import MISSING, adapt
from schemas.canonical import derive_seed, plain
from schemas.environment import Change, between
from schemas.leaves import leaves
from schemas.record import JsonObject
from validators.writes import contradictions

CALLS = 1_000
_EPISODE = 250
"""Calls in one world, before another begins."""
_KINDS = ("proposed", "drawn", "mixed")
_REDRAWN = 0.4
HEAD = (
    f"{'catalogue':38}{'tools':>6}{'calls':>7}{'proposed':>9}{'none':>6}{'calls/s':>9}{'raised':>8}"
    f"{'valid':>16}{'applied':>14}  errors"
)


@dataclass
class Tally:
    """What became of the calls on one catalogue."""

    tools: int = 0
    seconds: float = 0.0
    calls: int = 0
    proposed: int = 0
    none: Counter[str] = field(default_factory=Counter)
    """Tool → how often no arguments were found that succeed."""
    results: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    raised: Counter[str] = field(default_factory=Counter)
    """Tool and exception."""
    invalid: Counter[str] = field(default_factory=Counter)
    """Tool and what its schema says against a result."""
    writes: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    """Tool and what of a successful write stands nowhere."""
    refused: Counter[str] = field(default_factory=Counter)
    """Tool and error of proposed calls that did not succeed."""

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def faults(self) -> list[str]:
        """All that must not be, in words."""
        told = [(f"raised: {said}", n) for said, n in self.raised.items()]
        told += [(f"not valid: {said}", n) for said, n in self.invalid.items()]
        told += [(f"not applied: {said}", n) for said, n in self.lost.items()]
        told += [(f"proposed, and refused: {said}", n) for said, n in self.refused.items()]
        return [f"{said} ({n} times)" for said, n in told]


def run(catalogue: Opened, count: int, seed: int) -> Tally:
    """Make ``count`` calls on a catalogue."""
    tally, names = Tally(), sorted(catalogue.world.models)
    validators = {name: Draft202012Validator(catalogue.returns(name)) for name in names}
    number = 0
    sandbox = Sandbox(catalogue.world, seed, CLOCK)
    while tally.calls < count and number < 4 * count:
        rng = Random(derive_seed("legal calls", seed, number))
        if number % _EPISODE == 0:
            sandbox = Sandbox(catalogue.world, derive_seed(seed, number), CLOCK)
        name, kind = rng.choice(names), _KINDS[number % len(_KINDS)]
        number += 1
        try:
            _one(sandbox, name, kind, rng, tally, validators[name])
        except Exception as error:
            tally.raised[f"{name}: {_place(error)}"] += 1
    return tally


def _one(
    sandbox: Sandbox, name: str, kind: str, rng: Random, tally: Tally,
    validator: Draft202012Validator,
) -> None:  # fmt: skip
    """Make one call, and count what becomes of it."""
    arguments = _arguments(sandbox, name, kind, rng)
    if arguments is None:
        tally.none[name] += kind == "proposed"
        return
    tally.calls += 1
    writes = sandbox.world.models[name].writes
    before = sandbox.changes() if writes else ()
    outcome = sandbox.call(name, arguments)
    if outcome.is_error:
        code = str(outcome.content["error"]["code"])
        tally.errors[code] += 1
        if kind == "proposed":
            tally.refused[f"{name}: {code}"] += 1
        return
    tally.proposed += kind == "proposed"
    tally.results += 1
    wrong = next(validator.iter_errors(outcome.content), None)
    if wrong is not None:
        tally.invalid[f"{name}: {wrong.json_path}: {wrong.message[:120]}"] += 1
    if writes:
        tally.writes += 1
        lost = next(_lost(sandbox, name, arguments, outcome.content, before), None)
        if lost is not None:
            tally.lost[f"{name}: {lost}"] += 1


def _lost(
    sandbox: Sandbox, name: str, arguments: JsonObject, shown: Any, before: Sequence[Change]
) -> Iterator[str]:
    """What a write was told that its result contradicts, or that no touched row holds."""
    plan = sandbox.plan(name)
    key = plan.entity.key if plan.entity and plan.model.operation == "create" else None
    # What is made from a row of its own kind, a copy, has an id of its own.
    origins = {
        one.path for one in plan.model.parameters if one.use == "reference" and one.entity == key
    }
    for path, *_ in contradictions(arguments, shown):
        if re.sub(r"\[\d+\]", "[]", path) not in origins:
            yield f"the result shows another {path}"
    if plan.entity is None or plan.model.operation == "delete":
        return
    touched = [one.after for one in between(before, sandbox.changes()) if one.after]
    rows: Sequence[Mapping[str, Any]] = touched or sandbox.rows(plan.entity.key)
    held = {(path.partition(".")[0].partition("[")[0], as_text(value))
            for row in rows for path, value in leaves(dict(row))}  # fmt: skip
    values = {value for _, value in held}
    for element in plan.elements(plain(arguments)):
        for slot in plan.of("field"):
            value = pick(element, slot.path)
            field = plan.entity.fields.get(slot.field.partition(".")[0].partition("[")[0])
            if value is MISSING or isinstance(value, dict | list) or value is None:
                continue
            if slot.named_by:
                yield from () if as_text(value) in values else (f"no row holds {slot.path}",)
            elif field is not None and slot.path not in plan.edit_paths:
                wanted = adapt(value, field.schema) if slot.field == field.name else value
                if (field.name, as_text(wanted)) not in held:
                    yield f"no row holds {slot.path}"


def _arguments(sandbox: Sandbox, name: str, kind: str, rng: Random) -> JsonObject | None:
    schema = sandbox.world.models[name].tool.parameters
    if kind == "drawn":
        return draw(schema, rng)
    proposed = propose_arguments(sandbox, name, rng, optional=2)
    return _mixed(proposed, schema, rng) if kind == "mixed" and proposed else proposed


def _mixed(proposed: JsonObject, schema: JsonObject, rng: Random) -> JsonObject | None:
    """The proposed arguments, some of them drawn anew; those of the schema where this is legal."""
    drawn: Any = draw(schema, rng)
    if drawn is None:
        return proposed
    names = sorted({*proposed, *drawn})
    redrawn = {name for name in names if name in drawn and rng.random() < _REDRAWN}
    made = {name: value for name, value in proposed.items() if name not in redrawn}
    made |= {name: drawn[name] for name in redrawn}
    return made if Draft202012Validator(schema).is_valid(made) else proposed


def _place(error: Exception) -> str:
    """The exception, and the line of ours that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
    return f"{type(error).__name__} at {where}: {str(error)[:120]}"


def hold(count: int, seed: int) -> Iterator[Line]:
    """One line a catalogue: every call ends in a valid result, or in an error that is told."""
    for catalogue in ALL:
        name = f"{catalogue.name}: {count} legal calls"
        wanted = "0 exceptions, 100 % valid, 100 % applied"
        try:
            tally = run(opened(catalogue), count, seed)
        except CannotRun as reason:
            yield Line(name, wanted, str(reason), None)
            continue
        valid = tally.results - tally.invalid.total()
        told = f"{tally.raised.total()}, {valid} of {tally.results} valid"
        told += f", {tally.writes - tally.lost.total()} of {tally.writes} writes applied"
        told += "".join(f"; {fault}" for fault in tally.faults[:2])
        yield Line(name, wanted, told, tally.calls >= count and not tally.faults)


def _row(name: str, tally: Tally) -> str:
    valid = f"{tally.results - tally.invalid.total()}/{tally.results}"
    errors = ", ".join(f"{code} {n}" for code, n in tally.errors.most_common()) or "none"
    applied = f"{tally.writes - tally.lost.total()}/{tally.writes}"
    pace = tally.calls / max(tally.seconds, 0.001)
    return (
        f"{name[:36]:38}{tally.tools:>6}{tally.calls:>7}{tally.proposed:>9}{tally.none.total():>6}"
        f"{pace:>9.0f}{tally.raised.total():>8}{valid:>16}{applied:>14}  {errors}"
    )


def main() -> int:
    """Run and print; 1 where anything raised, or any result is not valid."""
    parser = argparse.ArgumentParser(description="Random legal calls on every catalogue.")
    parser.add_argument("n", nargs="?", type=int, default=CALLS, help="calls a catalogue")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", help="a catalogue's name; may be given again")
    options = parser.parse_args()
    sys.stdout.write(f"{HEAD}\n")
    asked = [(one, options.n) for one in (*ALL, *MORE)]
    asked += [(one, max(options.n // 10, 1)) for one in toucan()]
    total, ended = Tally(), 0
    for catalogue, count in asked:
        if options.only and not any(name in catalogue.name for name in options.only):
            continue
        try:
            known = offered(catalogue)
        except CannotRun as reason:
            sys.stdout.write(f"{catalogue.name:38}could not run: {reason}\n")
            ended = 1
            continue
        begun = time.perf_counter()
        if not known.tools:
            sys.stdout.write(f"{catalogue.name[:36]:38}     0  no tool is offered\n")
            continue
        tally = run(known, count, options.seed)
        tally.tools, tally.seconds = len(known.tools), time.perf_counter() - begun
        total += tally
        sys.stdout.write(_told(catalogue.name, tally))
        sys.stdout.flush()
    sys.stdout.write(f"{_row('together', total)}\n")
    return ended or int(bool(total.faults))


def _told(name: str, tally: Tally) -> str:
    """A row, with the faults, and with tools for which nothing was proposed again and again."""
    faults = "".join(f"    {fault}\n" for fault in tally.faults)
    few = tally.calls / tally.tools / 4
    dry = [
        f"    nothing proposed: {tool} ({n} times)\n" for tool, n in tally.none.items() if n > few
    ]
    return f"{_row(name, tally)}\n{faults}{''.join(dry)}"


if __name__ == "__main__":
    sys.exit(main())
