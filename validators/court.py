"""Several judges: who is asked, and what their votes come to.

One judge is asked once, and where it would lose the conversation somebody else, or the same in
another order: bad is what both find bad, and what one of them finds is masked. Of several each is
asked once, and they vote. A vote that is missing is unknown, and so is the whole then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from data.prompts import SHIPPED, Prompts
from schemas.awaiting import await_all
from schemas.chat import ChatModel
from schemas.errors import RefusedRequestError
from schemas.trajectory import Trajectory
from schemas.verdict import Label, Reason, Verdict, Vote
from validators.judge import (
    KIND_OF,
    SUSPECTS,
    WHOLE,
    Answer,
    Finding,
    Judgement,
    ask_judge,
    conclude_judgement,
    tell_missing,
)
from validators.suspicions import list_suspicions

Given = Literal["yes", "no", "unclear"]


class Opinion(NamedTuple):
    """What one judge says; None and why where it says nothing that can be read."""

    judge: str
    judgement: Judgement | None
    problem: str = ""


@dataclass(frozen=True)
class Court:
    """Those who judge a conversation."""

    judges: Sequence[ChatModel]
    second: ChatModel | None = None
    """Who is asked where a single judge would lose the conversation; None: the same again."""
    any_bad: bool = False
    """What one finds counts; else what at least a half of them find."""

    async def judge(
        self,
        trajectory: Trajectory,
        verdicts: Sequence[Verdict],
        seed: int,
        prompts: Prompts = SHIPPED,
    ) -> tuple[Verdict, ...]:
        """The verdicts of all together, on a conversation that has those of the checks.

        Raises ProviderError.
        """
        suspected, alone = list_suspicions(verdicts), len(self.judges) == 1

        async def ask(model: ChatModel, again: bool = False) -> Opinion:
            try:
                found = await ask_judge(trajectory, suspected, model, seed, prompts, again=again)
            except RefusedRequestError as error:
                if alone:
                    raise
                found = None, f"not served: {error}"
            return Opinion(model.name, *found)

        opinions = await await_all(map(ask, self.judges))
        first = opinions[0].judgement
        if alone and first is not None and first.drops:
            opinions.append(await ask(self.second or self.judges[0], self.second is None))
        name = ", ".join(dict.fromkeys(one.judge for one in opinions))
        missing = [one for one in opinions if one.judgement is None]
        if missing:
            told = "; ".join(f"{one.judge}: {one.problem}" for one in missing)
            return (tell_missing(name, told),)
        judgements = [one.judgement for one in opinions if one.judgement is not None]
        every = len(judgements) if alone else None
        counted = count_votes(judgements, len(suspected), any_bad=self.any_bad, bad=every)
        found = conclude_judgement(trajectory, suspected, counted, name)
        if alone:
            return found
        return tuple(
            one.model_copy(update={"votes": _list_votes(one.check, opinions, suspected)})
            for one in found
        )


def count_votes(
    judgements: Sequence[Judgement],
    suspicions: int,
    *,
    any_bad: bool = False,
    bad: int | None = None,
) -> Judgement:
    """What judgements come to: a message is masked where enough find something, or is bad.

    Enough is at least a half, or one where ``any_bad``. ``bad``: how many must find it bad; None:
    enough. A suspicion is borne out where most say so, and unclear where neither side has most.
    """
    enough = 1 if any_bad else (len(judgements) + 1) // 2
    findings = [*_count_findings(judgements, enough, enough if bad is None else bad)]
    answers = []
    for number in range(1, suspicions + 1):
        given = [one.answer for each in judgements for one in each.suspicions
                 if one.number == number]  # fmt: skip
        weighed: tuple[Given, ...] = ("no", "unclear") if any_bad else ("yes", "no")
        most = 1 if any_bad else len(given) // 2 + 1
        usual: Given = "yes" if any_bad else "unclear"
        answer = next((one for one in weighed if given.count(one) >= most), usual)
        answers.append(Answer(number=number, answer=answer))
    return Judgement(findings=findings, suspicions=answers)


def _count_findings(judgements: Sequence[Judgement], enough: int, bad: int) -> Iterator[Finding]:
    """The findings about what enough judges found something about, as grave as enough say."""
    every = [one for each in judgements for one in each.findings]
    for place in dict.fromkeys(map(_place, every)):
        about = [[one for one in each.findings if _place(one) == place] for each in judgements]
        if sum(map(bool, about)) < enough:
            continue
        grave = sum(any(one.label == "bad" for one in each) for each in about) >= bad
        label: Literal["recoverable", "bad"] = "bad" if grave else "recoverable"
        told = {one.code: one for each in reversed(about) for one in each}
        for one in reversed(told.values()):
            yield one.model_copy(update={"label": label})


def _place(finding: Finding) -> tuple[str, int]:
    """Which side's message it is about; the whole is at no message."""
    kind = KIND_OF[finding.code]
    return kind, 0 if kind == WHOLE else finding.message


def _list_votes(
    check: str, opinions: Sequence[Opinion], suspected: Sequence[Reason]
) -> tuple[Vote, ...]:
    """What each found of what a verdict is about."""
    votes = []
    for one in opinions:
        assert one.judgement is not None
        label: Label = "good"
        if check == SUSPECTS:
            given = {answer.number: answer.answer for answer in one.judgement.suspicions}
            reasons = tuple(
                reason.model_copy(update={"suspect": given[number] == "unclear"})
                for number, reason in enumerate(suspected, 1) if given[number] != "yes"
            )  # fmt: skip
            label = "good" if not reasons else "bad" if "no" in given.values() else "unknown"
        else:
            own = [found for found in one.judgement.findings if KIND_OF[found.code] == check]
            reasons = tuple(
                Reason(code=found.code, message=found.message, explanation=found.explanation)
                for found in own
            )
            if own:
                label = "bad" if any(found.label == "bad" for found in own) else "recoverable"
        votes.append(Vote(judge=one.judge, label=label, reasons=reasons))
    return tuple(votes)
