"""How the endpoint for trying plays a reviewer: it makes the gold calls of a recorded task."""

from collections.abc import Sequence

from generators.dialogue.model_roles import wire_call
from schemas.message import Call
from schemas.record import JsonObject
from schemas.trajectory import Trajectory


def act_as_gold(trajectory: Trajectory, asked: Sequence[JsonObject]) -> JsonObject:
    """What a reviewer does next who makes the gold calls, and tells what has to be told."""
    turn = sum(one["role"] == "user" for one in asked) - 1
    since = next(n for n in range(len(asked) - 1, 0, -1) if asked[n]["role"] == "user")
    results = [one["content"] for one in asked[since:] if one["role"] == "tool"]
    gold = [one for one in trajectory.task.turns[turn].calls if not one.barred]
    done = 0
    for result in results:  # what fails for once is made once more
        again = gold[done].fault is not None and not gold[done].lost and result != gold[done].result
        done += not (again and results.count(result) == 1)
    if done < len(gold):
        call = gold[done]
        made = Call(id=f"gold-{turn}-{len(results)}", name=call.tool, arguments=call.arguments)
        return {"content": None, "tool_calls": [wire_call(made)]}
    told = [str(one.value) for one in trajectory.task.acceptance.must_say if one.turn == turn]
    return {"content": " ".join(["That is settled.", *told])}
