"""The answers of which everybody knows what they are, made so that they are right.

Facts are taken from tables (``data/lexicon/answers.yaml``), places from theirs, and the weather
suits the latitude and the season. What is in no table is not found.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import Any

from generators.lexicon.names import capital, slug
from generators.lexicon.tables import load_table
from generators.sandbox.errors_and_faults import call_error
from generators.sandbox.people import Place, places
from generators.sandbox.text_values import as_shown
from generators.world.known_answers import MOST_DAYS, KnownAnswer
from generators.world.model import ParameterModel
from schemas.record import JsonObject

_YEAR = 365.25
_FREEZING = 1.0
_SKIES = ("clear", "partly cloudy", "cloudy", "light rain")
_HOSTS = ("www.example.com", "www.example.org", "blog.example.net")
_DAYS = range(2, 6)


def draw_asked(
    answer: KnownAnswer,
    parameters: Mapping[str, ParameterModel],
    given: Mapping[str, Any],
    rng: Random,
) -> JsonObject:
    """What a call has to be told, by path: all of one place, or what a table knows.

    ``given``: what is told already; a latitude goes with the longitude of the same place.
    """
    at = {role: given[path] for role, path in answer.roles.items() if path in given}
    same = [one for one in places() if all(getattr(one, role, at[role]) == at[role] for role in at)]
    place = rng.choice(same or places())
    facts = _facts_of(answer)
    key = rng.choice([*facts]) if facts else ""
    drawn: JsonObject = {}
    for role, path in answer.roles.items():
        if role == "days":
            drawn[path] = rng.choice(_DAYS)
        elif role in ("latitude", "longitude"):
            drawn[path] = getattr(place, role)
        elif role == "place":
            described = str(parameters[path].schema.get("description", ""))
            drawn[path] = as_shown(place.city, described)
        else:
            drawn[path] = key
    return drawn


@dataclass(frozen=True)
class AnswerCall:
    """One call of a tool whose answer is of a known kind."""

    answer: KnownAnswer
    asked: JsonObject
    """Role → what the call says."""
    rng: Random
    now: datetime

    def keep_shown(self, made: JsonObject) -> JsonObject:
        """What the kind of answer has of what is known."""
        return {name: made[name] for name in self.answer.returns["properties"]}


def make_answer(answer: KnownAnswer, arguments: JsonObject, rng: Random, now: datetime) -> Any:
    """The answer to a call. Raises CallError for what nobody knows."""
    missing = next((role for role, path in answer.roles.items() if path not in arguments), None)
    if missing is not None:
        raise call_error("nothing_found", noun=missing, key="")
    asked = {role: arguments[path] for role, path in answer.roles.items()}
    return _MAKERS[answer.kind](AnswerCall(answer, asked, rng, now))


def _facts_of(answer: KnownAnswer) -> Any:
    """The table from which an answer is taken: a mapping, or a list; empty where there is none."""
    return load_table("answers")["facts"].get(answer.facts, {})


def _find_place(asked: JsonObject) -> Place:
    """The place that is named, or the nearest of those that are known. Raises CallError."""
    said = str(asked.get("place", "")).lower()
    if "latitude" in asked:
        at = (asked["latitude"], asked["longitude"])
        return min(places(), key=lambda one: math.dist(at, (one.latitude, one.longitude)))
    others = load_table("places")["other_names"].items()
    named = {city for other, city in others if re.search(rf"\b{other.lower()}\b", said)}
    known = (one for one in places() if one.city.lower() in said or one.city in named)
    found = next(known, None)
    if found is None:
        raise call_error("nothing_found", noun="place", key=said)
    return found


def _usual_heat(latitude: float, day: datetime) -> float:
    """What the middle of such a day is like there: the seasons grow with the latitude."""
    distance = min(abs(latitude), 65.0)
    season = -math.cos(2 * math.pi * (day.timetuple().tm_yday - 20) / _YEAR)
    mean = 28 - 0.4 * max(distance - 10, 0)
    return mean + (season if latitude >= 0 else -season) * distance / 65 * 13


def _draw_sky(heat: float, rng: Random) -> str:
    sky = rng.choice(_SKIES)
    return sky if heat > _FREEZING else sky.replace("rain", "snow")


def _tell_weather(call: AnswerCall) -> Any:
    latitude = _find_place(call.asked).latitude
    heat = round(_usual_heat(latitude, call.now) + call.rng.uniform(-3, 3), 1) + 0.0  # never -0.0
    made = {
        "temperature_celsius": heat,
        "conditions": _draw_sky(heat, call.rng),
        "humidity_percent": call.rng.randint(45, 85),
    }
    return call.keep_shown(made)


def _tell_forecast(call: AnswerCall) -> Any:
    latitude = _find_place(call.asked).latitude
    days = []
    for number in range(max(1, min(int(call.asked.get("days", call.answer.days)), MOST_DAYS))):
        day = call.now + timedelta(days=number)
        high = round(_usual_heat(latitude, day) + call.rng.uniform(-3, 3))
        sky = _draw_sky(high, call.rng)
        low = high - call.rng.randint(4, 9)
        told = {"date": day.date().isoformat(), "high_celsius": high, "low_celsius": low}
        days.append({**told, "conditions": sky})
    return {"forecast": days}


def _look_up(call: AnswerCall) -> Any:
    """What a table has under what is asked for."""
    said = next(iter(call.asked.values()))
    row = _facts_of(call.answer).get(said)
    if row is None:
        raise call_error("nothing_found", noun=next(iter(call.asked)), key=said)
    return {name: row.get(name, said) for name in call.answer.returns["properties"]}


def _list_pages(call: AnswerCall) -> Any:
    topic = str(call.asked["topic"])
    found = []
    for written, snippet in load_table("answers")["page_titles"].items():
        title = written.format(topic=topic, Topic=capital(topic))
        url = f"https://{call.rng.choice(_HOSTS)}/{slug(title)}"
        found.append({"title": title, "url": url, "snippet": snippet})
    call.rng.shuffle(found)
    return {"results": found}


_Maker = Callable[[AnswerCall], Any]
_MAKERS: Mapping[str, _Maker] = MappingProxyType({
    "weather": _tell_weather, "temperature": _tell_weather, "forecast": _tell_forecast,
    "page": _look_up, "visit": _look_up, "results": _list_pages,
    "time": lambda call: {"datetime": call.now.isoformat(timespec="seconds")},
})  # fmt: skip
