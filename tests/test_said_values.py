"""Values that no person would say: told before anything is made of the calls."""

from datetime import UTC, datetime
from typing import Any

import pytest

from generators.sampling.answers import is_never_said
from generators.tasks.asked_aloud import find_unsaid, value_flaws
from generators.tasks.clock import Setting
from generators.tasks.feeding import Executed
from generators.tasks.plan import Plan, TurnPlan
from generators.world.model import ParameterModel
from schemas.task import Origin
from tests.scenes import scene_of
from tests.studio import own_studio
from tests.worlds import tool, wants


def plan_with(tool: str, arguments: dict[str, Any], **kinds: Any) -> Plan:
    """One call; a leaf is the user's where nothing else is said."""
    origins = (Origin(path=name, kind=kinds.get(name, "user")) for name in arguments)
    studio = own_studio()
    executed = Executed(studio.world.models[tool], arguments, tuple(origins), {}, 0)
    setting = Setting(studio.backend, 1, datetime(2026, 3, 2, 9, tzinfo=UTC))
    return Plan((executed,), (TurnPlan((0,)),), setting)


@pytest.mark.parametrize(
    ("arguments", "unsaid"),
    [
        ({"text": "The colours are fine."}, ""),
        ({"text": "One line.\nAnother one."}, "add_comment text: One line.\nAnother one."),
        ({"text": "long " * 40}, f"add_comment text: {'long ' * 40}"),
    ],
)
def test_texts_of_several_lines_or_too_long_are_not_said(
    arguments: dict[str, Any], unsaid: str
) -> None:
    found = find_unsaid(plan_with("add_comment", arguments))
    assert (found.explanation if found else "") == unsaid


@pytest.mark.parametrize(
    ("target", "same"),
    [
        ("Europe/Copenhagen", True),
        ("Europe/Paris", True),
        ("Asia/Tokyo", False),
        ("no zone", False),
    ],
)
def test_no_time_is_converted_between_places_whose_clocks_agree(target: str, same: bool) -> None:
    ends = [wants(one, "input", None, "timezone") for one in ("source", "target")]
    convert = tool("convert_time", "compute", None, ends, {})
    scene = scene_of([(convert, {"source": "Europe/Copenhagen", "target": target}, {})])
    flaws = [one.explanation for one in value_flaws(scene.world, scene.task)]
    assert any("to the same" in one for one in flaws) is same


def test_what_the_user_need_not_say_may_be_anything() -> None:
    plan = plan_with("add_comment", {"text": "One line.\nAnother one."}, text="default")
    assert find_unsaid(plan) is None


@pytest.mark.parametrize(
    ("name", "semantic", "never"),
    [
        ("sub_issue_id", "number_id", True),
        ("issue_number", "number_id", False),
        ("comment_id", "opaque_id", False),
    ],
)
def test_a_bare_number_that_people_do_not_speak_of_is_never_said(
    name: str, semantic: Any, never: bool
) -> None:
    parameter = ParameterModel(name, {"type": "integer"}, True, semantic, "field")
    assert is_never_said(own_studio().world, parameter) == never
