"""What tools do, what their parameters are for, and what values mean to a person.

The meaning of a value decides how it is invented and how it is said.
"""

from typing import Literal, get_args

Act = Literal["get", "list", "search", "create", "update", "delete", "transition", "compute"]
"""What a reader says that a tool does; ``transition``: the verb itself sets a state."""

Use = Literal[
    "identity",  # names the row that the tool is about: get_order(order_id)
    "reference",  # names a row of another entity: list_orders(customer_id), book(flight_id)
    "filter",  # equality with a field of the rows that are listed
    "unlike",  # the field must not be this: without_tags, exclude_status
    "minimum",  # the field must be at least this
    "maximum",
    "query",  # words to be found in the rows' texts
    "field",  # written into the row
    "option",  # shapes the answer only: limit, page, sort order, verbosity
    "input",  # an argument of a computation
]


SemanticType = Literal[
    "opaque_id",  # means nothing to a person: a UUID, "ord_8f3a", a node id
    "number_id",  # a number that people do quote: issue 412, order number
    "handle",  # a user name or a slug: "octo-cat", "billing-service"
    "person_name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "company",
    "title",  # a short name of a thing: a task, a song, an issue
    "text",  # a sentence or more that somebody wrote
    "query",  # a few words to search for
    "label",  # one word of free classification: a tag, a category
    "city",
    "country",
    "state",
    "street",
    "zip",
    "address",
    "airport",  # IATA code
    "latitude",
    "longitude",
    "timezone",
    "currency",  # ISO 4217
    "language",
    "date",  # 2026-03-12
    "time",  # 09:40
    "datetime",  # ISO 8601
    "duration",  # a number of minutes, hours, days …
    "money",
    "percent",
    "rating",
    "count",  # a small whole number of things
    "number",  # any other number
    "boolean",
    "enum",
    "url",
    "path",  # a file or folder
    "branch",  # a git reference
    "sha",
    "color",
    "version",
    "expression",  # arithmetic
    "cursor",  # a page token
    "object",
    "list",
    "unknown",
]
SEMANTIC_TYPES: tuple[str, ...] = get_args(SemanticType)

OPAQUE: frozenset[str] = frozenset({"opaque_id", "sha", "cursor"})
"""Types whose values a person does not carry in mind: they come from an earlier result."""

ADDRESS: frozenset[SemanticType] = frozenset(
    ("street", "address", "zip", "city", "state", "country")
)
"""Parts of an address: told, changed and repeated together."""
