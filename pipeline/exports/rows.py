"""Whole records, each readable by itself: the tools and demands stand in every row."""

from pipeline.exports.format import ALL_CHOICES, FEATURES, Format

FORMAT = Format(
    "rows",
    lambda chat: (chat.record().model_dump(mode="json"),),
    carries=frozenset(name for name, _ in FEATURES),
    judged=False,
    no_place_for=ALL_CHOICES,
)
