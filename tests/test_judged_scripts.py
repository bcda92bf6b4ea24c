"""Conversations in words of rules that a model judges, by ``judge_model`` alone."""

from pathlib import Path

import pytest

from pipeline.chat.loopback import completion
from pipeline.config import Settings
from schemas.record import JsonObject
from tests.commands import data_of, records_of
from tests.played_builds import build_by, made, script, settings
from validators.judge import write_good

N = 3


def judged(out: Path, reply: str) -> list[JsonObject]:
    asked: list[JsonObject] = []

    def answer(request: JsonObject) -> JsonObject:
        asked.append(request)
        return completion({"content": reply}, request)

    build_by(answer, out, model=None, judge_model="judging", n=N, max_candidates=N)
    return asked


def test_a_judge_alone_is_asked_once_a_conversation_and_changes_no_word(tmp_path: Path) -> None:
    script(tmp_path / "plain", n=N, max_candidates=N)
    plain = made(tmp_path / "plain")
    asked = judged(tmp_path / "judged", write_good(0))
    accepted = [one for one in made(tmp_path / "judged") if one.accepted]
    assert [request["model"] for request in asked] == ["judging"] * N
    assert [one.messages for one in accepted] == [one.messages for one in plain if one.accepted]
    assert {one.roles.judge for one in accepted} == {"judging"}
    assert {(one.roles.user, one.roles.assistant) for one in accepted} == {
        (one.roles.user, one.roles.assistant) for one in plain
    }


@pytest.mark.parametrize(
    "reply",
    ["no judgement",
     '{"findings": [{"message": 0, "code": "judge_results_senseless", "label": "bad",'
     ' "explanation": "no service sends that"}], "suspicions": []}'],
)  # fmt: skip
def test_what_a_judge_does_not_call_good_is_not_accepted(tmp_path: Path, reply: str) -> None:
    asked = judged(tmp_path, reply)
    accepted, rejected = data_of(tmp_path)
    assert not records_of(accepted, tmp_path)
    assert len(list(records_of(rejected, tmp_path))) == N
    assert len(asked) == 2 * N  # before a conversation is lost, it is asked once more


def test_judges_and_roles_need_a_model_or_a_judge(tmp_path: Path) -> None:
    known = settings(tmp_path, judge_model="judging", judges=[{"model": "second"}])
    assert list(known.seats) == ["judge", "judge_2"]
    with pytest.raises(ValueError, match="judges need a model: give --model or --judge-model"):
        Settings(judges=({"model": "second"},))  # type: ignore[arg-type]
