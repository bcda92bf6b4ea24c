"""Scenes of one or two calls, made by hand, for the tests of language."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from generators.language.scene import Scene
from generators.operators import full_grammar
from generators.world.model import Entity, ToolModel, World
from schemas.leaves import leaves
from schemas.record import JsonObject
from schemas.task import GoldCall, Origin, TaskTurn
from tests.trajectories import TASK


def scene_of(
    calls: Sequence[tuple[ToolModel, JsonObject, Any]],
    entities: Sequence[Entity] = (),
    seed: int = 0,
    fed: Sequence[tuple[int, Origin]] = (),
) -> Scene:
    """A task of one turn: tools with arguments and results; ``fed`` are origins in results."""
    origins = {(call, origin.path): origin for call, origin in fed}
    gold = tuple(
        GoldCall(
            tool=model.name,
            arguments=arguments,
            origins=tuple(
                origins.get((number, path), Origin(path=path, kind="user"))
                for path, _ in leaves(arguments)
                if path
            ),
            result=json.dumps(result),
        )
        for number, (model, arguments, result) in enumerate(calls)
    )
    task = TASK.model_copy(
        update={
            "clock": "2026-03-02T09:00:00+00:00",
            "turns": (TaskTurn(intent="", calls=gold),),
            "tools": tuple(model.name for model, _, _ in calls),
        }
    )
    world = World({m.name: m for m, _, _ in calls}, {e.key: e for e in entities})
    return Scene(world, task, full_grammar(), Random(seed))
