"""Errors with truth: mistakes that code makes at one decision of a proven conversation."""

from generators.errors.draft import Kind
from generators.errors.kinds import (
    arguments,
    asking,
    calls,
    ignored_rules,
    unsaid_work,
    untrue_words,
)

KINDS: tuple[Kind, ...] = (
    calls.WRONG_TOOL,
    calls.UNKNOWN_TOOL,
    calls.WRONG_ROW,
    arguments.WRONG_ARGUMENT,
    arguments.IGNORED_CORRECTION,
    arguments.MISSING_ARGUMENT,
    arguments.DROPPED_WISH,
    arguments.INVENTED_ARGUMENT,
    arguments.UNKNOWN_ARGUMENT,
    arguments.WRONG_TYPE,
    arguments.NULL_ARGUMENT,
    arguments.EARLY_VALUE,
    arguments.DEPENDENT_BATCH,
    asking.UNCONFIRMED,
    asking.PREMATURE,
    asking.THIN_QUESTION,
    asking.OVER_ASKING,
    calls.REPEATED_WRITE,
    calls.REPEATED_FOR_ROW,
    calls.REPEATED_READ,
    calls.SKIPPED_LOOK,
    calls.BLIND_RETRY,
    ignored_rules.DEMAND,
    ignored_rules.FORMAT,
    ignored_rules.BROKEN_RULE,
    unsaid_work.CLAIMED,
    *unsaid_work.LEFT,
    unsaid_work.IGNORED,
    untrue_words.UNSUPPORTED,
    untrue_words.MISREAD,
    untrue_words.WITHHELD,
    untrue_words.HIDDEN,
    untrue_words.LEAKED,
)
"""Every kind, in the order in which tables tell them."""
