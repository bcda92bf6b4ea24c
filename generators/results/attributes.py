"""Words that end the names of fields: what tells ``with their names`` from ``with a sea view``."""

from generators.world.naming_words import singular, word_set

_ATTRIBUTES = word_set(
    "id identifier name title label code key number status state type kind category class url uri "
    "link href path address email phone mobile date day time timestamp datetime duration year "
    "month price cost fare fee amount total subtotal tax discount currency balance rate rating "
    "score rank count quantity size length width height weight volume distance temperature "
    "humidity pressure speed wind latitude longitude coordinate location city country region zip "
    "postcode description summary text body content message subject comment note caption reason "
    "author owner creator user customer username role permission language locale timezone version "
    "token hash sha checksum color colour brand model sku stock availability seat capacity "
    "percentage percent share value unit symbol ticker open close high low change age gender "
    "birthday nationality position level priority severity deadline created updated modified "
    "expiry expiration start end begin departure arrival origin destination gate terminal airline "
    "flight carrier stop tag genre album artist track image thumbnail photo picture icon avatar "
    "logo format extension mime encoding revenue profit population forecast condition visibility "
    "sunrise sunset ingredient instruction calorie nutrient ingredients street isbn publisher "
    "page edition team player point goal season opponent venue kickoff result winner record "
    "deposit withdrawal fingerprint similarity confidence probability likelihood progress step "
    "phase stage method tracking payment invoice receipt reference confirmation item line order "
    "product variant option detail metadata attribute property field column schema parameter "
    "argument header cursor offset limit more sender recipient attendee participant organizer "
    "host guest room dosage diagnosis symptom treatment doctor specialty hour minute second area "
    "density span followers likes views shares replies comments ratio frequency interval margin "
    "yield dividend volatility cap eps sector industry exchange latency uptime error warning "
    "child parent"
)
_IDENTIFIERS = word_set("id identifier uuid guid token url uri sha hash slug key")


def is_attribute(name: str) -> bool:
    """Whether a name ends as names of fields do: ``departure time``."""
    last = name.split()[-1].lower() if name.split() else ""
    return last in _ATTRIBUTES or singular(last) in _ATTRIBUTES


def is_identifier(name: str) -> bool:
    """Whether a name ends as names of identifiers do: ``order id``."""
    last = name.split()[-1].lower() if name.split() else ""
    return singular(last) in _IDENTIFIERS
