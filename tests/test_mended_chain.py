"""A chain of which one call lacks words is mended before another chain is drawn."""

from datetime import UTC, datetime
from random import Random

import pytest

from generators.embedding import HashEmbedder
from generators.operators import make_mix
from generators.studio import Studio, open_studio
from generators.tasks.clock import Setting, start_of
from generators.tasks.draw_task import Dropped, try_task
from generators.tasks.execution import execute
from generators.tasks.feeding import Executed
from generators.tasks.mended_chain import drop_vain_look_ups, mend_chain
from generators.tasks.plan import Flaw, Plan, TurnPlan
from schemas.graph import ChainStep, Feed, ToolChain
from schemas.task import Origin, Task
from schemas.tool import Catalog
from tests.studio import own_studio
from tests.test_inference import TEXT, row, rows, tool

FEED = Feed(parameter="reminder_id", step=0, result_path="reminders[].reminder_id")
ERRAND = ToolChain(
    steps=(
        ChainStep(tool="list_reminders"),
        ChainStep(tool="delete_reminder", feeds=(FEED,)),
    ),
    turns=((0, 1),),
    goals=("delete_reminder",),
    seed=1,
)


def office() -> Studio:
    """Reminders, which have words and no name."""
    key = {"reminder_id": TEXT}
    tools = (
        tool("list_reminders", {}, returns=rows("reminders", reminder_id=TEXT, text=TEXT)),
        tool("delete_reminder", key, returns=row(ok={"type": "boolean"})),
    )
    return open_studio(Catalog(tools=tools), HashEmbedder(), make_mix())


def test_a_row_that_nobody_can_name_is_pointed_at_once_its_list_was_read_out() -> None:
    studio = office()
    start = start_of(studio.world, 1)
    setting = Setting(studio.backend, start.seed, start.clock)
    tried = [
        try_task(studio.bench, setting, ERRAND, seed, frozenset({"delete_reminder"}), 2, True)
        for seed in range(6)
    ]
    made = [one for one in tried if isinstance(one, Task)]
    assert len(made) > len(tried) // 2, [one for one in tried if isinstance(one, Dropped)]
    for task in made:
        calls = [[call.tool for call in turn.calls] for turn in task.turns if turn.calls]
        assert calls[:2] == [["list_reminders"], ["delete_reminder"]]
        assert len(task.chain.turns) == len(task.chain.goals) == 2


def plan_of(*calls: tuple[str, int, tuple[int, ...]]) -> Plan:
    """Own tools, each in its turn, and the calls that each takes something from."""
    studio = own_studio()
    done = tuple(
        Executed(
            studio.world.models[name],
            {},
            tuple(Origin(path=f"a{n}", kind="result", call=n, result_path="b") for n in sources),
            {},
            turn,
            step=number,
        )
        for number, (name, turn, sources) in enumerate(calls)
    )
    turns = sorted({turn for _, turn, _ in calls})
    own = (tuple(n for n, one in enumerate(calls) if one[1] == turn) for turn in turns)
    setting = Setting(studio.backend, 1, datetime(2026, 3, 2, 9, tzinfo=UTC))
    return Plan(done, tuple(map(TurnPlan, own)), setting)


def test_a_look_up_that_leads_to_nothing_is_left_out_with_its_turn() -> None:
    plan = plan_of(("list_accounts", 0, ()), ("list_cards", 1, ()), ("freeze_card", 2, (0,)))

    def may_ask(tool: str) -> bool:
        return tool == "freeze_card"

    left = drop_vain_look_ups(plan, may_ask, frozenset())
    assert [one.model.name for one in left.done] == ["list_accounts", "freeze_card"]
    assert len(left.turns) == 2
    assert drop_vain_look_ups(plan, may_ask, frozenset({"list_cards"})) == plan
    assert drop_vain_look_ups(plan, lambda _: True, frozenset()) == plan


def test_a_call_without_words_is_left_out_with_what_hangs_on_it() -> None:
    names = "list_accounts", "get_account", "list_cards", "find_payees"
    sources: tuple[tuple[int, ...], ...] = (), (0,), (), ()
    plan = plan_of(*zip(names, (0, 0, 1, 2), sources, strict=True))
    fed = ChainStep(tool="get_account", feeds=(Feed(parameter="a", step=0, result_path="b"),))
    chain = ToolChain(
        steps=tuple(fed if name == fed.tool else ChainStep(tool=name) for name in names),
        turns=((0, 1), (2,), (3,)),
        goals=names[1:],
        seed=1,
    )
    flaw = Flaw("nothing_told", 0)
    left = mend_chain(chain, plan, flaw, lambda _: True, frozenset(), 1)
    assert left is not None
    assert tuple(step.tool for step in left.steps) == names[2:]
    assert (left.turns, left.goals) == (((0,), (1,)), names[2:])
    rest = plan_of((names[2], 0, ()), (names[3], 1, ()))
    assert mend_chain(left, rest, flaw, lambda _: True, frozenset(), 1) is None
    assert mend_chain(chain, plan, flaw, lambda _: True, frozenset({"list_accounts"}), 1) is None
    assert mend_chain(chain, plan, flaw, lambda _: True, frozenset(), 3) is None
    apart = mend_chain(chain, plan, Flaw("unnameable_row", 1), lambda _: True, frozenset(), 4)
    assert apart is not None
    assert apart.turns == ((0,), (1,), (2,), (3,))
    assert apart.goals == (names[1], *names[1:])
    assert (
        mend_chain(chain, plan, Flaw("final_state_differs"), lambda _: True, frozenset(), 1) is None
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_switch_that_nobody_speaks_of_stays_as_it_is(seed: int) -> None:
    flag = {"type": "boolean"}
    tools = (
        tool("create_note", {"title": TEXT}, {"pinned": flag, "shared": flag},
             returns=row(note_id=TEXT, title=TEXT, pinned=flag, shared=flag)),
    )  # fmt: skip
    studio = open_studio(Catalog(tools=tools), HashEmbedder(), make_mix())
    start = start_of(studio.world, 1)
    setting = Setting(studio.backend, start.seed, start.clock)
    chain = ToolChain(steps=(ChainStep(tool="create_note"),), turns=((0,),), seed=1)
    (made,) = execute(setting, chain, Random(seed), 0)
    assert {*made.arguments} == {"title"}
