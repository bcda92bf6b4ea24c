"""What tools do and what their parameters are for, in the words that people correct them with."""

from typing import Literal

Act = Literal["get", "list", "search", "create", "update", "delete", "transition", "compute"]
"""What a reader says that a tool does; ``transition``: the verb itself sets a state."""

Use = Literal[
    "identity",  # names the row that the tool is about: get_order(order_id)
    "reference",  # names a row of another entity: list_orders(customer_id), book(flight_id)
    "filter",  # equality with a field of the rows that are listed
    "minimum",  # the field must be at least this
    "maximum",
    "query",  # words to be found in the rows' texts
    "field",  # written into the row
    "option",  # shapes the answer only: limit, page, sort order, verbosity
    "input",  # an argument of a computation
]
