"""Several judges: what their votes come to, and that nothing is good where one is missing."""

import asyncio
import json
from dataclasses import dataclass, field

import pytest

from pipeline.chat.models import Models
from pipeline.config import Settings
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import RefusedRequestError
from schemas.record import JsonObject
from schemas.trajectory import Roles, Trajectory
from schemas.verdict import Verdict
from tests.dialogues import judgement
from tests.spoils import REPORTED
from tests.tampering import say
from tests.test_judge import answering, played
from tests.trajectories import GOOD, Shop
from validators.checks import examine
from validators.court import Court
from validators.judge import SUSPECTS, UNREADABLE, write_good
from validators.suspicions import list_suspicions

FINE = judgement()
MASKED = judgement((4, "judge_unfaithful", "recoverable"))
BAD = judgement((4, "judge_unfaithful", "bad"))
OTHER = judgement((4, "judge_incoherent", "bad"), (12, "judge_unfaithful", "bad"))
SENSELESS = judgement((0, "judge_task_senseless", "bad"))
NONSENSE = "I like it."


@dataclass
class Judge:
    """Answers always the same; None is not served."""

    name: str
    answer: str | None
    asked: list[ChatRequest] = field(default_factory=list)

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        if self.answer is None:
            raise RefusedRequestError("context_exceeded", "too long")
        return ChatReply(text=self.answer)


def sit(*answers: str | None, any_bad: bool = False, of: Trajectory = GOOD) -> Trajectory:
    """A conversation as judges who answer so leave it."""
    judges = [Judge(f"j{number}", answer) for number, answer in enumerate(answers)]
    checked = examine(of, Shop)
    court = Court(judges, any_bad=any_bad)
    found = asyncio.run(court.judge(of, checked.verdicts, 1))
    if len(judges) > 1:
        sent = {json.dumps(one.messages) for judge in judges for one in judge.asked}
        assert len(sent) == 1, "a request a judge, the same for all"
    return examine(of, Shop, found)


def masked(trajectory: Trajectory) -> set[int]:
    return {one.message for one in trajectory.labels if not one.train}


ALREADY = masked(examine(GOOD, Shop))


@pytest.mark.parametrize(
    ("answers", "any_bad", "accepted", "more"),
    [
        ((FINE, FINE, FINE), False, True, set()),
        ((BAD, FINE, FINE), False, True, set()),
        ((BAD, MASKED, FINE), False, True, {4}),
        ((BAD, BAD, FINE), False, False, None),
        ((BAD, OTHER, FINE), False, False, None),
        ((BAD, FINE), False, False, None),  # a half is enough
        ((MASKED, FINE), False, True, {4}),
        ((SENSELESS, FINE, FINE), False, True, set()),
        ((SENSELESS, SENSELESS, FINE), False, False, None),
        ((FINE, FINE, MASKED), True, True, {4}),
        ((FINE, FINE, BAD), True, False, None),
        ((FINE, FINE, SENSELESS), True, False, None),
    ],
)
def test_what_enough_judges_find_counts(
    answers: tuple[str, ...], any_bad: bool, accepted: bool, more: set[int] | None
) -> None:
    judged = sit(*answers, any_bad=any_bad)
    assert judged.accepted == accepted
    if more is not None:
        assert masked(judged) == ALREADY | more


@pytest.mark.parametrize("missing", [NONSENSE, "", None])
@pytest.mark.parametrize("any_bad", [False, True])
def test_a_missing_vote_is_unknown_however_the_others_vote(
    missing: str | None, any_bad: bool
) -> None:
    judged = sit(FINE, missing, FINE, any_bad=any_bad)
    assert not judged.accepted
    assert UNREADABLE in judged.reasons
    (unknown,) = [one for one in judged.verdicts if one.label == "unknown"]
    assert unknown.reasons[0].explanation.startswith("j1: ")


def test_each_vote_is_on_the_record() -> None:
    judged = sit(BAD, FINE, MASKED)
    (verdict,) = [one for one in judged.verdicts if one.check == "judge_turn"]
    assert verdict.judge == "j0, j1, j2"
    assert [(vote.judge, vote.label) for vote in verdict.votes] == [
        ("j0", "bad"), ("j1", "good"), ("j2", "recoverable"),
    ]  # fmt: skip
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


@pytest.mark.parametrize(
    ("answers", "any_bad", "label"),
    [
        (("yes", "yes", "no"), False, "good"),
        (("yes", "no", "no"), False, "bad"),
        (("yes", "no"), False, "unknown"),
        (("yes", "unclear", "unclear"), False, "unknown"),
        (("yes", "yes", "no"), True, "bad"),
        (("yes", "yes", "unclear"), True, "unknown"),
        (("yes", "yes", "yes"), True, "good"),
    ],
)
def test_a_suspicion_is_borne_out_where_most_say_so(
    answers: tuple[str, ...], any_bad: bool, label: str
) -> None:
    of = played(say(REPORTED, "It is on its way."))
    count = len(list_suspicions(examine(of, Shop).verdicts))
    assert count
    judged = sit(*(answering(*[one] * count) for one in answers), any_bad=any_bad, of=of)
    found = [one for one in judged.verdicts if one.check == SUSPECTS]
    wanted = {"bad", "recoverable"} if label == "bad" else {label}
    assert {one.label for one in found} & wanted
    assert judged.accepted == (not {"bad", "unknown"} & {one.label for one in found})


@pytest.mark.parametrize(
    ("second", "accepted", "name"),
    [(FINE, True, "first, other"), (BAD, False, "first, other"), (NONSENSE, False, "first, other")],
)
def test_the_second_opinion_is_another_models_where_one_is_named(
    second: str, accepted: bool, name: str
) -> None:
    first, other = Judge("first", BAD), Judge("other", second)
    checked = examine(GOOD, Shop)
    found = asyncio.run(Court([first], other).judge(GOOD, checked.verdicts, 1))
    judged = examine(GOOD, Shop, found)
    assert judged.accepted == accepted
    assert {one.judge for one in found} == {name}
    assert len(first.asked) == 1
    assert other.asked[0].messages == first.asked[0].messages


def test_where_nothing_is_flagged_nobody_else_is_asked() -> None:
    first, other = Judge("first", write_good()), Judge("other", NONSENSE)
    found = asyncio.run(Court([first], other).judge(GOOD, examine(GOOD, Shop).verdicts, 1))
    assert examine(GOOD, Shop, found).accepted
    assert not other.asked


def test_judges_have_seats_of_their_own(tmp_path: object) -> None:
    url = "http://127.0.0.1:9/v1"
    known: JsonObject = {
        "out": tmp_path, "model": "small", "base_url": url, "judge_model": "wise",
        "roles": {"all": {"timeout": 7}},
        "judges": [{"model": "stern", "price": {"input": 1}}, {"model": "wise"}],
    }  # fmt: skip
    settings = Settings.model_validate(known)
    assert [*settings.seats] == ["user", "assistant", "judge", "judge_2", "judge_3"]
    assert {profile.timeout for _, profile in settings.seats.values()} == {7}
    models = Models(settings, lambda _: None)
    assert models.roles("sandbox", "hash") == Roles(
        user="small", assistant="small", judge="wise, stern", prompts="hash"
    )
    single = {key: told for key, told in known.items() if key != "judges"}
    single["roles"] = {"second_judge": {"model": "other"}}
    assert [*Settings.model_validate(single).seats][-1] == "second_judge"
    with pytest.raises(ValueError, match="name either"):
        Settings.model_validate(known | {"roles": single["roles"]})
    with pytest.raises(ValueError, match="need a model"):
        Settings.model_validate({"judges": [{"model": "stern"}]})
