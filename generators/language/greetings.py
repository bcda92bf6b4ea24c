"""What greetings and good wishes call the time of day, which follows the clock."""

from collections.abc import Mapping
from datetime import datetime

_NOON, _EVENING = 12, 18
_LATE = 17
"""From when on one wishes a good evening, and no more a good day."""


def name_time_of_day(at: str) -> Mapping[str, str]:
    """The slots of a phrase that is said at a moment, as in ``Good {part_of_day}``."""
    hour = datetime.fromisoformat(at).hour
    part = "morning" if hour < _NOON else "afternoon" if hour < _EVENING else "evening"
    return {"part_of_day": part, "rest_of_day": "day" if hour < _LATE else "evening"}
