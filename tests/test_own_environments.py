"""The two domains that ship: rich, lawful, and fit to make conversations of."""

import asyncio
from collections import Counter
from functools import cache
from random import Random

import pytest
from jsonschema import Draft202012Validator

from generators.backends.backend import WantedCall
from generators.backends.python_backend import PythonBackend, open_backend
from generators.embedding import HashEmbedder
from generators.studio import open_studio
from schemas.errors import InputError
from schemas.trajectory import Roles
from validators.checks import examine

NAMES = (
    "data.environments.lending_shed:LendingShed",
    "data.environments.energy_supplier:EnergySupplier",
)
CLOCK = "2026-05-04T09:00:00+00:00"
SEEDS = range(3)
each = pytest.mark.parametrize("name", NAMES, ids=lambda name: name.partition(":")[2])


@cache
def backend(name: str) -> PythonBackend:
    return open_backend(name)


@each
def test_a_domain_has_tools_of_both_kinds_rules_and_related_tables(name: str) -> None:
    own = backend(name)
    effects = Counter(tool.effect for tool in own.catalog.tools)
    assert 12 <= sum(effects.values()) <= 20
    assert effects["unknown"] == 0
    assert min(effects["read"], effects["write"]) >= 7
    assert len(own.rules) >= 4
    assert all(tool.description and tool.returns for tool in own.catalog.tools)
    assert not own.catalog.skipped
    tables = own.open(1, CLOCK).tables()
    assert sum(len(rows) for rows in tables.values()) > 50


@each
def test_the_inferred_world_finds_the_rows(name: str) -> None:
    own = backend(name)
    environment = own.open(1, CLOCK)
    assert all(own.world.models[tool.wire_name].writes is (tool.effect == "write")
               for tool in own.catalog.tools)  # fmt: skip
    shown = {model.entity for model in own.world.models.values() if not model.writes}
    assert all(environment.rows(entity) for entity in shown if entity)


@each
@pytest.mark.parametrize("seed", SEEDS)
def test_proposed_calls_keep_the_rules_and_reads_change_nothing(name: str, seed: int) -> None:
    own, rng = backend(name), Random(seed)
    environment = own.open(seed, CLOCK)
    found = 0
    for tool in own.catalog.tools:
        proposed = own.propose(environment, WantedCall(tool.wire_name), rng)
        if proposed is None:
            continue
        arguments = proposed.arguments
        found += 1
        before = environment.state_hash()
        assert own.violations(environment, tool.wire_name, arguments) == ()
        outcome = environment.call(tool.wire_name, arguments)
        assert not outcome.is_error
        assert tool.returns is not None
        assert Draft202012Validator(tool.returns).is_valid(outcome.content)
        assert (environment.state_hash() != before) is (tool.effect == "write")
    assert found >= len(own.catalog.tools) - 3


@each
@pytest.mark.parametrize("seed", SEEDS)
def test_a_replay_gives_the_same_outputs_and_state(name: str, seed: int) -> None:
    own, rng = backend(name), Random(seed)
    first = own.open(seed, CLOCK)
    made = []
    for _ in range(15):
        tool = rng.choice(own.catalog.tools).wire_name
        if (proposed := own.propose(first, WantedCall(tool), rng)) is not None:
            made.append((tool, proposed.arguments, first.call(tool, proposed.arguments)))
    again = own.open(seed, CLOCK)
    assert [again.call(tool, arguments) for tool, arguments, _ in made] == [o for *_, o in made]
    assert again.state_hash() == first.state_hash()
    assert again.changes() == first.changes()
    assert again.changes() or not any(own.world.models[tool].writes for tool, *_ in made)


@each
def test_every_rule_can_be_kept_and_broken(name: str) -> None:
    """Among legal calls in many worlds, each rule forbids some and allows some."""
    own, broken, kept = backend(name), set(), set()
    by_tool = {tool: policy for policy in own.policies for tool in policy.tools}
    for seed in range(40):
        environment, rng = own.open(seed, CLOCK), Random(seed)
        for tool in sorted(by_tool) * 4:
            arguments = _any_call(own, environment, tool, rng)
            if arguments is not None:
                found = own.violations(environment, tool, arguments)
                broken |= set(found)
                kept |= {one.text for one in own.policies if tool in one.tools} - set(found)
        if broken == kept == set(own.rules):
            break
    assert broken == kept == set(own.rules)


def _any_call(own: PythonBackend, environment: object, tool: str, rng: Random) -> object:
    """Arguments of the right form, whatever the rules say of them."""
    from generators.backends.backend import ShownRows
    from generators.backends.python_environment import PythonEnvironment
    from generators.sandbox.call_draft import CallDraft
    from generators.sandbox.propose import choose_parameters

    assert isinstance(environment, PythonEnvironment)
    rows = ShownRows(own.world, environment, environment.column, CLOCK)
    compiled = rows.compiled(tool)
    chosen = choose_parameters(compiled, rng, {}, 0).chosen
    return CallDraft(rows, compiled, rng, {}, chosen, is_retry=True).arguments()


@each
def test_random_arguments_of_the_right_form_never_break_the_class(name: str) -> None:
    own = backend(name)
    outcomes: Counter[str] = Counter()
    for seed in range(6):
        environment, rng = own.open(seed, CLOCK), Random(seed)
        for tool in own.catalog.tools:
            arguments = _any_call(own, environment, tool.wire_name, rng)
            if isinstance(arguments, dict):
                before = environment.state_hash()
                try:
                    outcome = environment.call(tool.wire_name, arguments)
                except InputError as mistake:
                    pytest.fail(str(mistake))
                if outcome.is_error:
                    assert environment.state_hash() == before
                    outcomes[outcome.content["error"]["code"]] += 1
    assert len(outcomes) >= 3


@each
def test_ids_that_nobody_has_are_not_found(name: str) -> None:
    environment = backend(name).open(1, CLOCK)
    for tool in backend(name).catalog.tools:
        ids = [key for key in tool.required if key.endswith("_id")]
        if tool.required == tuple(ids):
            outcome = environment.call(tool.wire_name, dict.fromkeys(ids, "nobody"))
            assert outcome.content["error"]["code"] == "not_found", tool.wire_name


@each
def test_conversations_are_made_of_it(name: str) -> None:
    own = backend(name)
    studio = open_studio(own.catalog, HashEmbedder(), backend=own)
    for index in range(4):
        played = asyncio.run(studio.candidate(5, index, studio.scripted, Roles(tools=own.name)))
        assert played.failure is None
        examined = examine(played.trajectory, studio.environment, ())
        assert examined.accepted, examined.reasons
