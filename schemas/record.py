"""The base of every record: frozen, closed to unknown keys, comparable by value."""

from typing import Any

from pydantic import BaseModel, ConfigDict

JsonObject = dict[str, Any]
"""A JSON object as Python holds it."""


class Record(BaseModel):
    """Frozen data without behaviour beyond what can be derived from it."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")
