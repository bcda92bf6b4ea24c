"""Which calls of a turn are made at once."""

from generators.tasks.plan import Plan


def batches(plan: Plan) -> dict[int, int]:
    """Call → number of the batch that it is made in, within its turn.

    Reads that need nothing of each other are made at once; writes are made alone.
    """
    groups: dict[int, int] = {}
    for turn in plan.turns:
        batch: list[int] = []
        number = 0
        for call in turn.calls:
            alone = plan.done[call].model.writes or any(plan.done[c].model.writes for c in batch)
            if batch and (alone or plan.done[call].sources & set(batch)):
                batch, number = [], number + 1
            batch.append(call)
            groups[call] = number
    return groups
