"""What a leaf means to a person, concluded from its name, its schema and its description.

Rules are tables in the order in which they are asked: the schema's own word first (format, enum),
then the last words of the name, then the description. How values are invented or said lies in
`generators.sandbox` and `generators.language`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from generators.world.naming_words import noun_words, split_words, word_set
from generators.world.schema_leaves import as_schema, plain_schema, schema_type
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_FORMATS: MappingProxyType[str, SemanticType] = MappingProxyType(
    {
        "date": "date",
        "date-time": "datetime",
        "time": "time",
        "duration": "duration",
        "email": "email",
        "idn-email": "email",
        "uri": "url",
        "url": "url",
        "uri-reference": "url",
        "uuid": "opaque_id",
    }
)
"""JSON Schema's ``format``."""

Rule = tuple[SemanticType, frozenset[str]]
"""A type, and the endings of names, joined by blanks, that mean it."""


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.split(","))


def _by_phrase(*rules: Rule) -> MappingProxyType[str, SemanticType]:
    """Ending → what it means; the earlier rule wins a tie."""
    turned = ((phrase, semantic) for semantic, phrases in rules[::-1] for phrase in phrases)
    return MappingProxyType(dict(turned))


_NUMBERS = _by_phrase(
    ("zip", _phrases("zip, zip code, zipcode, postal code, postcode")),
    ("phone", _phrases("phone, phone number, mobile, fax")),
    ("latitude", _phrases("lat, latitude")),
    ("longitude", _phrases("lon, lng, long, longitude")),
    (
        "percent",
        _phrases("percent, percentage, pct, interest rate, tax rate, discount, confidence"),
    ),
    ("rating", _phrases("rating, score, star")),
    (
        "duration",
        _phrases(
            "minute, hour, second, day, week, month, duration, timeout, length of stay, ttl, "
            "delay, duration minute, duration ms, millisecond, ms, min, sec, age day, interval"
        ),
    ),
    (
        "count",
        _phrases(
            "count, quantity, time per day, number of guest, guest, adult, child, passenger, seat, "
            "seat available, night, people, person, party size, size of party, room, limit, page, "
            "per page, page size, offset, max result, item, line, ticket, member, stock, unit, "
            "copy, head, tail, capacity, attendee, bag, traveler, traveller, top k, width, "
            "height, depth"
        ),
    ),
    (
        "money",
        _phrases(
            "price, amount, cost, fee, total, budget, balance, salary, fare, tip, refund, "
            "revenue, charge, daily limit, overdraft limit, credit limit, "
            "spending limit, "
            "subtotal, tax, deposit, payment, income, wage, rent, spending, "
            "credit, debit, price per night, nightly rate, total price, amount usd, usd, eur"
        ),
    ),
    ("number_id", _phrases("number, no, id, pr, issue, milestone")),
)
"""For integers and numbers."""

_STRINGS = _by_phrase(
    ("cursor", _phrases("cursor, page token, next token, continuation token, next page token")),
    (
        "opaque_id",
        _phrases(
            "id, uuid, guid, sku, isbn, tracking number, account number, card number, serial "
            "number, iban, confirmation code, confirmation number, node, key, token, secret, "
            "fingerprint, ts"
        ),
    ),
    ("first_name", _phrases("first name, given name, forename, firstname")),
    ("last_name", _phrases("last name, family name, surname, lastname")),
    (
        "person_name",
        _phrases(
            "full name, customer name, passenger name, guest name, person name, contact name, "
            "patient name, doctor name, user full name, employee name, recipient name, card "
            "holder, cardholder, author name, member name, driver name, host name, organizer "
            "name, display name, owner name, attendee, guest, passenger, doctor, patient, "
            "customer, person"
        ),
    ),
    (
        "company",
        _phrases(
            "company name, company, employer, client, merchant, vendor, brand, manufacturer, "
            "airline"
        ),
    ),
    ("email", _phrases("email, email address, mail, e mail")),
    ("phone", _phrases("phone, phone number, mobile, mobile number, telephone")),
    ("zip", _phrases("zip, zip code, zipcode, postal code, postcode")),
    (
        "airport",
        _phrases("airport, airport code, iata, iata code, origin airport, destination airport"),
    ),
    ("city", _phrases("city, city name, town, origin city, destination city")),
    ("country", _phrases("country, country code, country name, nationality")),
    ("state", _phrases("state, province, state code, shipping state, billing state")),
    ("street", _phrases("street, address1, address2, line1, line2, street address, address line")),
    ("address", _phrases("address, location address, shipping address, pickup, dropoff")),
    ("timezone", _phrases("timezone, time zone, tz")),
    ("currency", _phrases("currency, currency code")),
    ("language", _phrases("language, locale, lang, language code")),
    ("url", _phrases("url, uri, link, website, href, homepage, webhook")),
    ("sha", _phrases("sha, commit, commit hash, revision, oid, checksum, digest")),
    (
        "branch",
        _phrases(
            "branch, branch name, base, head, ref, from branch, base branch, head branch, base "
            "ref, git ref"
        ),
    ),
    (
        "path",
        _phrases(
            "path, file, filename, file name, directory, dir, folder, filepath, paths, "
            "repository path"
        ),
    ),
    ("color", _phrases("color, colour")),
    ("version", _phrases("version, tag version, release version")),
    ("expression", _phrases("expression, formula, equation")),
    (
        "datetime",
        _phrases(
            "at, datetime, timestamp, date time, since, until, created, updated, modified, "
            "published"
        ),
    ),
    (
        "date",
        _phrases(
            "date, day, check in, check out, checkin, checkout, birthday, birthdate, dob, "
            "deadline, due, due on, expiry, start on, end on, from date, to date, date of "
            "birth, valid until"
        ),
    ),
    ("time", _phrases("time, hour, start time, end time, opening, closing")),
    ("duration", _phrases("duration, interval, length")),
    (
        "number_id",
        _phrases("number, flight number, order number, invoice number, room number, issue number"),
    ),
    (
        "query",
        _phrases(
            "query, q, search, keyword, search term, term, pattern, search query, search text"
        ),
    ),
    (
        "handle",
        _phrases(
            "owner, username, user name, login, repository, slug, organization, handle, author, "
            "assignee, reviewer, user, actor, channel, screen name, promo code, coupon, coupon "
            "code, symbol, ticker, recipient, sender, receiver, namespace, project, workspace, "
            "team, hostname, account"
        ),
    ),
    (
        "title",
        _phrases("title, subject, headline, name, product, song, track, movie, album, event"),
    ),
    (
        "text",
        _phrases(
            "body, text, message, description, comment, content, note, reason, summary, bio, "
            "feedback, instruction, rationale, detail, observation, caption, complaint, "
            "symptom, special request, request, wish, explanation, remark, abstract, snippet, "
            "tree, blame, logs, "
            "log, diff, resolution, transcript, prompt, question, answer, reply, memo, purpose"
        ),
    ),
    (
        "label",
        _phrases(
            "label, tag, category, type, kind, genre, department, priority, severity, status, "
            "topic, cuisine, class, level, role, mode, ecosystem, size, unit, model, make, "
            "specialty, material, style, reaction, ingredient, skill, industry, tier, plan, "
            "amenity, option"
        ),
    ),
)
"""For strings, and where no type is told."""

_DESCRIPTIONS: tuple[tuple[SemanticType, re.Pattern[str]], ...] = (
    ("airport", re.compile(r"\bIATA\b(?! time)|\bairport code", re.IGNORECASE)),
    ("timezone", re.compile(r"\bIANA\b|\btime ?zone name", re.IGNORECASE)),
    ("language", re.compile(r"ISO 639\b")),
    ("country", re.compile(r"ISO 3166-1\b")),
    ("currency", re.compile(r"ISO 4217|currency code", re.IGNORECASE)),
    ("cursor", re.compile(r"\bcursor\b|page token", re.IGNORECASE)),
    (
        "datetime",
        re.compile(r"ISO[ -]?8601 (?!date\b)|RFC ?3339|YYYY-MM-DDT|date-?time", re.IGNORECASE),
    ),
    ("date", re.compile(r"YYYY-MM-DD|ISO[ -]?8601 date|\d{4}-\d{2}-\d{2}(?!T)", re.IGNORECASE)),
    ("time", re.compile(r"\bHH:MM|24-hour", re.IGNORECASE)),
)
"""What a description says outright of a string; asked before the name."""

_HINTS: tuple[tuple[SemanticType, re.Pattern[str]], ...] = (
    ("email", re.compile(r"\be-?mail address", re.IGNORECASE)),
    ("url", re.compile(r"\bURL\b|https?://")),
    ("sha", re.compile(r"\bSHA\b")),
    ("path", re.compile(r"\bpath (?:to|of)\b|\bfile path", re.IGNORECASE)),
    ("opaque_id", re.compile(r"\b(?:unique )?identifier\b|\bID\b")),
    ("person_name", re.compile(r"\bname of the (?:person|customer|guest|passenger|patient)")),
    ("city", re.compile(r"\bcity\b|\btown\b", re.IGNORECASE)),
    ("date", re.compile(r"\bdate\b", re.IGNORECASE)),
    ("title", re.compile(r"\b(?:name|title) of\b", re.IGNORECASE)),
    ("text", re.compile(r"\b(?:text|message|description)\b", re.IGNORECASE)),
)
"""Weaker signs, asked where the name says nothing."""

_REMEMBERED = 10_000
"""Names with their descriptions, the last ones: each is asked for dozens of times in a row."""
_SURE = word_set("opaque_id email first_name last_name zip timezone text query")
"""Types of names that no description overrules."""
_PEOPLE = word_set(
    "person customer user passenger guest contact patient employee member driver recipient doctor"
)
_LIVED = word_set(
    "province shipping billing home mailing delivery address us usa origin destination birth code "
    "pickup dropoff residence work license departure arrival customer user to from name region"
)
"""Words of the name of a state that people live in; an engine is in another one."""
_AMOUNT = re.compile(r"\b(?:price|cost|amount|dollars|euros|USD)\b", re.IGNORECASE)
_STATUS = re.compile(r"\b(?:status|open|closed|active|current state|workflow)\b", re.IGNORECASE)


def semantic_type(name: str, schema: JsonObject, description: str = "") -> SemanticType:
    """Say what a leaf of this name and schema means; ``unknown`` where nothing tells."""
    plain = plain_schema(schema)
    said = str(description or schema.get("description") or plain.get("description") or "")
    return _told(plain) or _numeric(name, plain, said) or _textual(name, said)


def _told(schema: JsonObject) -> SemanticType | None:
    """Take the schema at its word."""
    kind = schema_type(schema)
    if kind == "array":
        return "list"
    if kind in ("boolean", "object"):
        return "boolean" if kind == "boolean" else "object"
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(values, list) and any(isinstance(value, str) for value in values):
        return "enum"
    return _FORMATS.get(str(schema.get("format", ""))) if kind != "number" else None


def _numeric(name: str, schema: JsonObject, said: str) -> SemanticType | None:
    if (kind := schema_type(schema)) not in ("integer", "number"):
        return None
    words = noun_words(name)
    if words[:1] in (("num",), ("number",), ("n",)) and len(words) > 1:
        return "count"
    found = _by_ending(words, _NUMBERS)
    if (
        found is None
        and kind == "number"
        and re.search(r"\b(?:price|cost|amount|dollars|USD)\b", said)
    ):
        return "money"
    return found or ("count" if kind == "integer" and "count" in said.lower() else "number")


@lru_cache(maxsize=_REMEMBERED)
def _textual(name: str, said: str) -> SemanticType:
    words = noun_words(name)
    found = _by_ending(words, _STRINGS)
    if found in _SURE:
        return found
    outright = _match(_DESCRIPTIONS, said)
    if outright:
        return _dated(outright, words)
    return _settle(found, words, said) or _match(_HINTS, said) or "unknown"


def _dated(outright: SemanticType, words: tuple[str, ...]) -> SemanticType:
    """Take an example date in the description of something named a time as a moment."""
    moment = outright == "date" and bool(set(words) & {"timestamp", "datetime", "at"})
    return "datetime" if moment else outright


def _settle(found: SemanticType | None, words: tuple[str, ...], said: str) -> SemanticType | None:
    """Decide the names that mean several things."""
    if found == "state" and (_STATUS.search(said) or (words[:-1] and not _LIVED & set(words))):
        return "label"
    if found == "title" and words[-1:] == ("name",):
        return _name_of(words[:-1], said)
    if words in (("origin",), ("destination",), ("from",), ("to",), ("source",), ("target",)):
        return _match(_HINTS, said) or ("city" if words[0] in ("origin", "destination") else None)
    return found


def _name_of(thing: tuple[str, ...], said: str) -> SemanticType:
    """Tell the name of a person from the name of a thing."""
    about = frozenset(thing) or frozenset(split_words(said))
    if about & _PEOPLE and not about & {"company", "file", "project"}:
        return "person_name"
    beneath = _by_ending(thing, _STRINGS) if thing else None
    kept = ("branch", "path", "handle", "city", "country", "company", "label", "airport")
    return beneath if beneath in kept else "title"


def _by_ending(words: tuple[str, ...], rules: Mapping[str, SemanticType]) -> SemanticType | None:
    """Find what the longest ending of the name means."""
    return next((rules[ending] for ending in _endings(words) if ending in rules), None)


def _endings(words: tuple[str, ...]) -> Iterator[str]:
    return (" ".join(words[start:]) for start in range(len(words)))


def _match(
    rules: tuple[tuple[SemanticType, re.Pattern[str]], ...], said: str
) -> SemanticType | None:
    return next((semantic for semantic, pattern in rules if pattern.search(said)), None)


def element_semantic(name: str, schema: JsonObject) -> SemanticType:
    """Say what a field means, and for a list of scalars what its elements mean."""
    plain = plain_schema(schema)
    items = as_schema(plain.get("items"))
    if schema_type(plain) != "array" or schema_type(plain_schema(items)) in ("", "array", "object"):
        return semantic_type(name, plain)
    return semantic_type(name, items, str(plain.get("description", "")))
