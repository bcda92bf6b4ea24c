"""Weights for the next build: what a target model fails is drawn more often, within bounds.

The share of failures is that of the attempts, drawn towards the share of all tasks as if so many
more attempts had been made: a few say little. A weight is how many times as often as elsewhere the
model fails there, between 1 and `schemas.weights.MOST`; nothing is drawn less often than usual.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from generators.operators import USUAL_MIX
from generators.sampling.structure import Structure
from pipeline.files import replace_file, writing
from pipeline.probing.summary import Summary
from schemas.attempt import Rate
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.weights import MOST, Weights

MORE = 8
"""Attempts that are added, failing as often as all."""
_MOST_SHARE = 0.5
"""Of conversations, to which an operator's share is raised at most: there are to be others, too."""
_LEAST = 1.1
"""What is failed hardly more often than the rest is drawn as usual."""


def weigh(found: Summary) -> Weights:
    """The weights that follow from attempts at whole tasks; of tools, from single moves if any."""
    moves = {name: rate for name, rate in found.decisions_by_tool.items() if name}
    every = moves.values()
    whole = Rate(hits=sum(one.hits for one in every), of=sum(one.of for one in every))
    tools = _weigh_all(moves, whole) or _weigh_all(found.rates["tool"], found.attempts)
    shares = {**found.rates["operator"], **found.rates["structure"]}
    mix = {name: rate for name, rate in found.rates["operator"].items() if name in USUAL_MIX}
    structure = {name: rate for name, rate in shares.items() if name in Structure.model_fields}
    return Weights(
        model=found.model, operators=_weigh_all(mix, found.attempts), tools=tools,
        structure=_weigh_all(structure, found.attempts),
    )  # fmt: skip


def _weigh_all(rates: Mapping[str, Rate], whole: Rate) -> dict[str, float]:
    """What is failed more often than the whole, by name."""
    failed = 1 - whole.share if whole.of else 0.0
    told = {}
    for name, rate in sorted(rates.items()) if failed else ():
        own = (rate.of - rate.hits + MORE * failed) / (rate.of + MORE)
        weight = round(min(own / failed, MOST), 2)
        if weight >= _LEAST:
            told[name] = weight
    return told


def write_weights(file: Path, weights: Weights) -> None:
    """Write them as YAML, to be read and changed by people too. Raises OutputError."""
    told: dict[str, Any] = weights.model_dump(mode="json")
    head = f"# What {weights.model} fails, by `toolweave probe`: for `toolweave build --weights`.\n"
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, head + yaml.safe_dump(told, sort_keys=False, allow_unicode=True))


def weigh_mix(mix: JsonObject, weights: Weights | None) -> JsonObject:
    """The shares that are asked for, with those of what weighs more. Raises InputError."""
    if weights is None:
        return mix
    usual = {**USUAL_MIX, **mix}
    if strange := sorted(weights.operators.keys() - usual.keys()):
        raise InputError(f"there is no operator {strange[0]!r}", place="weights.operators")
    return mix | _raise(usual, weights.operators, _MOST_SHARE)


def weigh_structure(structure: Structure, weights: Weights) -> Structure:
    """The structure with the shares of what weighs more. Raises InputError."""
    usual = {name: share for name, share in structure.model_dump().items()
             if isinstance(share, float)}  # fmt: skip
    if strange := sorted(weights.structure.keys() - usual.keys()):
        raise InputError(f"there is no share {strange[0]!r}", place="weights.structure")
    more = _raise(usual, weights.structure, 1.0)
    hops = more.get("multi_hop", structure.multi_hop)
    if "anchored" in more:
        more["anchored"] = min(more["anchored"], hops)
    return structure.model_copy(update=more)


def _raise(
    usual: Mapping[str, float], weights: Mapping[str, float], most: float
) -> dict[str, float]:
    """The shares that are weighed, each so many times as large, and not raised beyond ``most``."""
    return {name: round(min(max(most, share), share * weights[name]), 4)
            for name, share in usual.items() if name in weights}  # fmt: skip
