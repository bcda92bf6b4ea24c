"""Gold actions of τ² tasks, run by τ²'s tools and judged by its evaluators; called with a domain.

A domain is one of τ²'s own, by its name, or a written one: then with the folder that it was made
of, and the moves that are proven. Answers for each task what its gold moves earn (or the proven
ones), what is earned by saying that all is done, and which calls failed.
"""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from loguru import logger
from masks import tell

from pipeline.adapters.tau2_episodes import Tau2Episodes, find_domain, list_gold_moves

logger.remove()
if "/" in sys.argv[1]:
    from pipeline.adapters.tau2_domain import load_domain

    domain = load_domain(Path(sys.argv[1]), Path(sys.argv[2]))
else:
    domain = find_domain(sys.argv[1])
proven = json.loads(Path(sys.argv[3]).read_text()) if len(sys.argv) > 3 else {}
episodes = Tau2Episodes(domain)


def play(which, moves):
    """The reward, and what of the results is an error."""
    seen = episodes.begin(which)
    session, errors = seen["session"], []
    for move in moves:
        seen = episodes.step(session, move)
        errors += [
            one["content"] for one in seen["messages"]
            if one["role"] == "tool" and (one["content"] or "").startswith("Error")
        ]  # fmt: skip
        if seen["done"]:
            return seen["reward"]["binary"], errors
    return None, errors


found = []
for number, task in enumerate(episodes.tasks):
    which = {"seed": number}
    moves = proven.get(str(task.id)) or list_gold_moves(task)
    reward, errors = play(which, moves)
    claimed, _ = play(which, [{"role": "assistant", "content": "It is done."}] * 4)
    found.append({
        "task": str(task.id), "reward": reward, "errors": errors, "claimed": claimed,
        "actions": len(task.evaluation_criteria.actions or []),
        "told": len(task.evaluation_criteria.communicate_info or []),
        "judged": bool(task.evaluation_criteria.nl_assertions),
    })  # fmt: skip
tell(found)
