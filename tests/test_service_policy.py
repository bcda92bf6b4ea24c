"""The policy that a world model has for a domain: said, kept, and the reason of a no."""

from datetime import datetime
from functools import cache

from generators.backends.backend import Policed
from generators.operators import script_of
from generators.tasks.clock import find_open_minutes, start_of
from schemas.task import Task
from tests.studio import own_studio


@cache
def drawn() -> tuple[Task, ...]:
    return tuple(own_studio().task(7, index) for index in range(24))


def test_the_system_message_has_the_policy_of_each_service_that_is_used() -> None:
    studio = own_studio()
    for task in drawn():
        domains = {studio.world.models[call.tool].tool.domain for call in task.calls}
        for domain in domains:
            service = studio.world.domains[domain]
            assert service.policy
            assert service.policy.strip().removeprefix("You are ") in task.policy
            assert all(
                not rule.require or rule.text in unwrap(task.policy) for rule in service.rules
            )


def unwrap(text: str) -> str:
    return " ".join(text.split())


def test_gold_calls_keep_the_rules_and_what_breaks_one_is_declined_in_its_words() -> None:
    studio = own_studio()
    assert isinstance(studio.backend, Policed)
    for task in drawn():
        environment = studio.environment(task)
        for turn in task.turns:
            for call in turn.calls:
                broken = studio.backend.violations(environment, call.tool, call.arguments)
                assert call.barred or not broken
                if not call.barred:
                    environment.call(call.tool, call.arguments)
                elif "against_policy" in task.operators and turn.reason in unwrap(task.policy):
                    said = [beat.text for beat in script_of(studio.world, task).assistant]
                    assert any(turn.reason in text for text in said) or not broken


def test_what_is_against_the_policy_is_asked_for_now_and_then() -> None:
    assert any("against_policy" in task.operators for task in drawn())


def test_the_clock_lies_in_hours_in_which_all_services_are_open() -> None:
    world = own_studio().world
    first, last = find_open_minutes(world)
    assert (first, last) == (10 * 60 + 30, 18 * 60)
    for seed in range(40):
        clock: datetime = start_of(world, seed).clock
        assert first <= clock.hour * 60 + clock.minute < last
