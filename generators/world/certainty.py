"""How sure a conclusion is, honestly: told by the rule that concluded it.

The rules write into ``why`` what they went by; those of them that guess use the phrases of this
module, so a tool whose ``why`` has one of them is in doubt. It measures the rules, not the truth: a
tool without a doubt can be wrong all the same.
"""

from collections.abc import Mapping

NO_VERB = "no verb known"
ONLY_READS = "but it only reads"
YET_WRITES = "but it writes"
SPOKEN_NOUN = "noun from the description"
PARAMETER_NOUN = "noun from the parameter"
NO_NOUN = "no noun known"
NO_ROW = "and names no row"

DOUBTS: Mapping[str, str] = {
    NO_VERB: "neither name nor description has a verb that is known",
    ONLY_READS: "the verb writes, the source says that it only reads",
    YET_WRITES: "the verb reads, the source says that it writes",
    SPOKEN_NOUN: "the name has no noun; one of the description's was taken",
    PARAMETER_NOUN: "the name has no noun; a parameter's was taken",
    NO_NOUN: "neither name, description nor parameters have a noun",
    NO_ROW: "what it reads is no entity that other tools know",
}
"""Phrase of a rule that guesses → what is in doubt, for people."""


def doubts_of(why: str) -> tuple[str, ...]:
    """What is in doubt of a tool; nothing where it was concluded by its name and rows."""
    return tuple(told for phrase, told in DOUBTS.items() if phrase in why)
