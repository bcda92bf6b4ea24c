"""The answers of which everybody knows what they are, made so that they are right.

Facts are taken from tables (``data/lexicon/answers.yaml``), places from theirs, and the weather
suits the latitude and the season. What is in no table is not found.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import Any
from uuid import UUID

from generators.lexicon.names import capital, in_words, slug
from generators.lexicon.tables import load_table
from generators.sandbox.errors_and_faults import call_error
from generators.sandbox.people import People, Person, Place, places
from generators.sandbox.phrases import known_labels
from generators.sandbox.row_sense import share_price
from generators.sandbox.text_values import as_shown
from generators.world.known_answers import MOST_DAYS, KnownAnswer
from generators.world.model import ParameterModel
from schemas.record import JsonObject

_YEAR = 365.25
_FREEZING = 1.0
_SKIES = ("clear", "partly cloudy", "cloudy", "light rain")
_HOSTS = ("www.example.com", "www.example.org", "blog.example.net")
_RANGES: Mapping[str, Sequence[int]] = MappingProxyType({
    "days": range(2, 6), "weight": range(52, 97), "sides": (6, 6, 12, 20),
    "least": (1, 1, 10), "most": (20, 50, 100),
})  # fmt: skip
_CENTIMETRES = re.compile(r"(?i)\bcm\b|centimet")
_TALL, _HEAVY = 3, 500
"""Metres and kilograms that nobody reaches."""
_VIDEO = re.compile(r"[\w-]{11}$")


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
    near = [one for one in places() if answer.country in ("", one.country)]
    same = [one for one in near if all(getattr(one, role, at[role]) == at[role] for role in at)]
    place = rng.choice(same or near)
    facts = _facts_of(answer)
    key = rng.choice([*facts]) if facts else ""
    drawn: JsonObject = {}
    for role, path in answer.roles.items():
        parameter = parameters[path]
        if role == "height":
            # A person's height in the unit that the parameter is told in: metres, if it says
            # nothing.
            said = f"{in_words(parameter.name)} {parameter.schema.get('description', '')}"
            centimetres = rng.randint(155, 195)
            drawn[path] = centimetres if _CENTIMETRES.search(said) else centimetres / 100
        elif role == "ticker":
            drawn[path] = rng.choice(known_labels("", "ticker"))
        elif role in _RANGES:
            drawn[path] = rng.choice(_RANGES[role])
        elif role in ("person", "colleague"):
            person = People(rng).person("name")
            drawn[path] = person.first if role == "person" else person.name
        elif role in ("latitude", "longitude"):
            drawn[path] = getattr(place, role)
        elif role in ("place", "address"):
            described = str(parameter.schema.get("description", ""))
            drawn[path] = as_shown(place.city, described)
        elif role == "coin" and "symbol" in parameter.name:
            drawn[path] = facts[key]["symbol"]
        elif role == "video" and "id" not in parameter.name:
            drawn[path] = f"https://www.youtube.com/watch?v={key}"
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
    said = str(asked.get("place", asked.get("address", ""))).lower()
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


def _tell_place(call: AnswerCall) -> Any:
    place = _find_place(call.asked)
    made = {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "place": ", ".join(dict.fromkeys((place.city, place.state, place.country))),
        "city": place.city,
        "state": place.state,
        "country": place.country,
    }
    return call.keep_shown(made)


def _look_up(call: AnswerCall) -> Any:
    """What a table has under what is asked for."""
    said = next(iter(call.asked.values()))
    video = _VIDEO.search(said)
    key = video[0] if video and call.answer.kind == "transcript" else said
    row = _facts_of(call.answer).get(key)
    if row is None:
        raise call_error("nothing_found", noun=next(iter(call.asked)), key=said)
    return {name: row.get(name, said) for name in call.answer.returns["properties"]}


def _pick(call: AnswerCall) -> Any:
    (name,) = call.answer.returns["properties"]
    return {name: call.rng.choice(_facts_of(call.answer))}


def _list_pages(call: AnswerCall) -> Any:
    topic = str(call.asked["topic"])
    found = []
    for written, snippet in load_table("answers")["page_titles"].items():
        title = written.format(topic=topic, Topic=capital(topic))
        url = f"https://{call.rng.choice(_HOSTS)}/{slug(title)}"
        found.append({"title": title, "url": url, "snippet": snippet})
    call.rng.shuffle(found)
    return {"results": found}


def _tell_coin(call: AnswerCall) -> Any:
    said = str(call.asked["coin"]).lower()
    known = _facts_of(call.answer).items()
    row = next((one for name, one in known if said in (name, one["symbol"].lower())), None)
    if row is None:
        raise call_error("nothing_found", noun="coin", key=call.asked["coin"])
    price = row["price_usd"] * call.rng.uniform(0.85, 1.15)
    change = round(call.rng.uniform(-5, 5), 2)
    return {"symbol": row["symbol"], "price_usd": round(price, 2), "change_24h_percent": change}


def _tell_share(call: AnswerCall) -> Any:
    price = share_price(call.asked["ticker"]) * call.rng.uniform(0.97, 1.03)
    return {"symbol": call.asked["ticker"], "price_usd": round(price, 2)}


def _tell_index(call: AnswerCall) -> Any:
    weight, said = call.asked["weight"], call.asked["height"]
    height = said if said < _TALL else said / 100
    if not (_TALL > height > 1 / _TALL and _HEAVY > weight > 0):
        raise call_error("nothing_found", noun="person", key=f"{weight}, {said}")
    return {"bmi": round(weight / height**2, 1)}


def _find_own_place(call: AnswerCall) -> Any:
    place = call.rng.choice(places())
    ip = f"203.0.113.{call.rng.randint(2, 250)}"  # kept for documents: it is nobody's
    made = {"city": place.city, "region": place.state, "country": place.country}
    return {"ip": ip, **made, "timezone": place.timezone}


def _draw_number(call: AnswerCall) -> Any:
    least, most = sorted((call.asked["least"], call.asked["most"]))
    return {"number": call.rng.randint(least, most)}


def _list_headlines(call: AnswerCall) -> Any:
    found = call.rng.sample(_facts_of(call.answer), 5)
    return {"headlines": [{"title": one} for one in found]}


def _find_address(call: AnswerCall) -> Any:
    words = str(call.asked["colleague"]).split()
    if len(words) < 2:
        raise call_error("nothing_found", noun="person", key=" ".join(words))
    return {"email_address": Person(words[0], words[-1], 0).email}


_Maker = Callable[[AnswerCall], Any]
_MAKERS: Mapping[str, _Maker] = MappingProxyType({
    "weather": _tell_weather, "temperature": _tell_weather, "forecast": _tell_forecast,
    "coordinates": _tell_place, "location": _tell_place, "definition": _look_up,
    "transcript": _look_up, "page": _look_up, "results": _list_pages,
    "price of a coin": _tell_coin, "price of a share": _tell_share,
    "body mass index": _tell_index, "visit": _look_up, "own place": _find_own_place,
    "uuid": lambda call: {"uuid": str(UUID(int=call.rng.getrandbits(128), version=4))},
    "time": lambda call: {"datetime": call.now.isoformat(timespec="seconds")},
    "echo": lambda call: {"echo": call.asked["said"]},
    "greeting": lambda call: {"greeting": f"Hello, {call.asked['person']}!"},
    "throw": lambda call: {"result": call.rng.randint(1, max(2, call.asked.get("sides", 6)))},
    "number drawn": _draw_number,
    "headlines": _list_headlines, "e-mail address": _find_address, "advice": _pick,
    "joke": _pick, "fact": _pick, "fact of the day": _pick,
})  # fmt: skip
