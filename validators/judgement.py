"""A judge's answer: its shape, and how it is read without giving the benefit of the doubt."""

import json
import re
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator


class Finding(BaseModel):
    """One question that was answered with no."""

    model_config = ConfigDict(strict=True)

    code: str
    explanation: str = ""


class Judgement(BaseModel):
    """What a judge must answer."""

    model_config = ConfigDict(strict=True)

    label: Literal["good", "recoverable", "bad"]
    reasons: list[Finding]
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if (self.label == "good") != (not self.reasons):
            raise ValueError(f"the label {self.label} with {len(self.reasons)} reasons")
        return self


def read_judgement(text: str, codes: frozenset[str]) -> Judgement:
    """Read a judge's answer, bare or in a code fence.

    Raises ValueError, in one line, for whatever leaves room for doubt: no JSON object, a key
    twice, a wrong label or code, a good label with reasons or another without.
    """
    fenced = re.fullmatch(r"\s*```(?:json)?\s*(.*?)\s*```\s*", text, re.DOTALL)
    try:
        value = json.loads(fenced[1] if fenced else text, object_pairs_hook=_no_key_twice)
        judgement = Judgement.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    for finding in judgement.reasons:
        if finding.code not in codes:
            raise ValueError(f"unknown code {finding.code[:60]!r}")
    return judgement


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
