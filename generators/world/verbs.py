"""What verbs do: verb → operation, verb → resulting state, verb → the thing that it makes.

Plain tables to be read and extended. How a verb is found in a name lies in
`generators.world.tool_names`; what follows from it in `generators.world.operations`.
"""

from functools import cache
from types import MappingProxyType

from generators.world.model import Operation
from generators.world.naming_words import word_set

_BY_OPERATION: tuple[tuple[Operation, str], ...] = (
    (
        "get",
        "get read fetch show view retrieve describe lookup look display check inspect see download "
        "find locate load cat pwd du obtain peek tell track watch preview whois identify",
    ),
    ("list", "list search browse query enumerate discover explore filter scan recommend suggest"),
    (
        "create",
        "create add insert post send submit book reserve order purchase buy schedule register open "
        "make place upload publish fork invite request push import record save generate new clone "
        "copy duplicate enroll enrol rent hire issue commit compose draft file subscribe apply pay "
        "transfer deposit withdraw charge report comment reply review rate message email call "
        "start plan log tweet retweet mention host raise open write donate provision notify "
        "contact mkdir touch cp login authenticate",
    ),
    (
        "update",
        "update modify edit change set rename move assign unassign mark manage merge close reopen "
        "cancel approve reject accept decline confirm complete finish resolve unresolve archive "
        "unarchive restore lock unlock freeze unfreeze block unblock activate deactivate enable "
        "disable suspend resume pause stop end dismiss star unstar pin unpin follow unfollow like "
        "unlike mute unmute return exchange refund reschedule extend renew upgrade downgrade "
        "trigger run rerun execute reprioritize reorder sort link unlink attach detach append "
        "replace reset adjust toggle turn switch checkout check_in ship deliver dispatch verify "
        "redeem release escalate snooze patch put configure customize join leave withdraw deploy "
        "rollback revoke grant tag label share unshare mute acknowledge escalate press adjust fill "
        "sign rotate sync refresh increase decrease increment decrement swap transition mv cd fund "
        "promote demote rebook split combine play skip",
    ),
    (
        "delete",
        "delete remove destroy drop erase clear purge uninstall discard unregister rm rmdir logout",
    ),
    (
        "compute",
        "calculate compute convert estimate quote translate evaluate predict validate analyze "
        "analyse compare count sum summarize summarise detect parse format encode decode hash "
        "simulate measure classify solve plot roll round forecast echo diff grep tail wc add_up "
        "multiply divide subtract",
    ),
)
OPERATIONS: MappingProxyType[str, Operation] = MappingProxyType(
    {verb: operation for operation, verbs in _BY_OPERATION for verb in verbs.split()}
)
"""Verb in its base form → the operation that it usually means."""

COMPUTING = frozenset(verb for verb, operation in OPERATIONS.items() if operation == "compute")
"""Verbs of computations."""

SEARCHING = word_set("search find query filter locate discover explore browse lookup")
"""Verbs that find rows by words or by values."""

WEAK = word_set(
    "apply block book call change charge check comment commit copy count deposit diff display "
    "draft duplicate email end escalate estimate exchange file fill filter forecast fork format "
    "hash hire host import invite issue label like link load lock log look mention message new "
    "open order patch pause pin place plan play plot post press purchase push put query "
    "quote rate record refresh release rent report request return review round run save "
    "schedule set share show sign sort split star start stop sum switch sync tag tail tell "
    "track transfer tweet view watch"
)
"""Verbs that are nouns as well: verbs only where nothing else in the name is one."""

FIRST = word_set(
    "change place request check view show display set apply switch put start stop import fill "
    "call hire look load tell book send schedule submit"
)
"""Weak verbs that, at the head of a name, are verbs all the same: ``change_guest_list``."""

STATES: MappingProxyType[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "cancel": ("cancelled", ("pending", "confirmed")),
        "close": ("closed", ("open",)),
        "reopen": ("open", ("closed",)),
        "approve": ("approved", ("pending",)),
        "reject": ("rejected", ("pending",)),
        "accept": ("accepted", ("pending",)),
        "decline": ("declined", ("pending",)),
        "confirm": ("confirmed", ("pending",)),
        "complete": ("completed", ("open",)),
        "finish": ("completed", ("open",)),
        "resolve": ("resolved", ("open",)),
        "unresolve": ("open", ("resolved",)),
        "acknowledge": ("acknowledged", ("open",)),
        "escalate": ("escalated", ("open",)),
        "archive": ("archived", ("active",)),
        "unarchive": ("active", ("archived",)),
        "restore": ("active", ("archived",)),
        "lock": ("locked", ("unlocked",)),
        "unlock": ("unlocked", ("locked",)),
        "freeze": ("frozen", ("active",)),
        "unfreeze": ("active", ("frozen",)),
        "block": ("blocked", ("active",)),
        "unblock": ("active", ("blocked",)),
        "activate": ("active", ("inactive",)),
        "deactivate": ("inactive", ("active",)),
        "enable": ("enabled", ("disabled",)),
        "disable": ("disabled", ("enabled",)),
        "suspend": ("suspended", ("active",)),
        "resume": ("active", ("paused",)),
        "pause": ("paused", ("active",)),
        "stop": ("stopped", ("running",)),
        "start": ("running", ("stopped",)),
        "end": ("ended", ("active",)),
        "dismiss": ("dismissed", ("open",)),
        "merge": ("merged", ("open",)),
        "return": ("returned", ("delivered",)),
        "exchange": ("exchanged", ("delivered",)),
        "refund": ("refunded", ("paid",)),
        "pay": ("paid", ("unpaid",)),
        "ship": ("shipped", ("pending",)),
        "deliver": ("delivered", ("shipped",)),
        "dispatch": ("dispatched", ("pending",)),
        "submit": ("submitted", ("draft", "pending")),
        "publish": ("published", ("draft",)),
        "send": ("sent", ("draft",)),
        "verify": ("verified", ("unverified",)),
        "redeem": ("redeemed", ("available",)),
        "revoke": ("revoked", ("active",)),
        "renew": ("renewed", ("active", "expired")),
        "snooze": ("snoozed", ("open",)),
        "mute": ("muted", ("active",)),
        "unmute": ("active", ("muted",)),
        "pin": ("pinned", ("unpinned",)),
        "unpin": ("unpinned", ("pinned",)),
        "star": ("starred", ("unstarred",)),
        "unstar": ("unstarred", ("starred",)),
        "follow": ("followed", ("unfollowed",)),
        "unfollow": ("unfollowed", ("followed",)),
        "like": ("liked", ("unliked",)),
        "unlike": ("unliked", ("liked",)),
        "deploy": ("deployed", ("ready",)),
    }
)
"""Verb → the state that it leaves a row in, and the states that it may have come from."""

STATE_SPELLINGS = MappingProxyType(
    {
        "cancelled": ("canceled",),
        "completed": ("complete", "done", "finished", "closed"),
        "active": ("open", "enabled", "resumed", "running", "in_progress"),
        "open": ("opened", "reopened", "unresolved"),
        "frozen": ("locked", "blocked", "suspended"),
        "returned": ("return requested",),
        "exchanged": ("exchange requested",),
        "dismissed": ("done", "read"),
        "stopped": ("off", "inactive"),
        "running": ("on", "started", "active", "in_progress"),
        "enabled": ("on", "active"),
        "disabled": ("off", "inactive"),
    }
)
"""Other words by which an enum may name the state."""

MAKES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "book": ("booking", "reservation"),
        "reserve": ("reservation", "booking"),
        "rent": ("rental",),
        "hire": ("rental",),
        "order": ("order",),
        "buy": ("purchase", "order"),
        "purchase": ("purchase", "order"),
        "pay": ("payment",),
        "transfer": ("transfer",),
        "deposit": ("deposit",),
        "withdraw": ("withdrawal",),
        "donate": ("donation",),
        "charge": ("charge",),
        "subscribe": ("subscription",),
        "register": ("registration",),
        "enroll": ("enrollment",),
        "enrol": ("enrolment",),
        "apply": ("application",),
        "rate": ("rating",),
        "review": ("review",),
        "comment": ("comment",),
        "reply": ("reply", "comment"),
        "message": ("message",),
        "email": ("email",),
        "call": ("call",),
        "report": ("report",),
        "fork": ("fork",),
        "commit": ("commit",),
        "request": ("request",),
        "schedule": ("schedule", "appointment"),
        "invite": ("invitation",),
        "log": ("log entry",),
    }
)
"""Verb → the new thing, where its object is another thing: booking a flight makes a booking."""

AIMED = word_set("assign attach apply append link move")
"""In ``assign_x_to_y`` it is y that changes."""


_ENDINGS = (
    ("ies", ("y",)),
    ("es", ("", "e")),
    ("s", ("",)),
    ("ing", ("", "e")),
    ("ed", ("", "e")),
)


@cache
def base_form(word: str) -> str | None:
    """Find a verb's base form: ``Shows`` → ``show``; None where it is no known verb."""
    word = word.lower()
    candidates = [word]
    for ending, others in _ENDINGS:
        if word.endswith(ending):
            candidates += [word[: -len(ending)] + other for other in others]
    candidates += [stem[:-1] for stem in candidates if len(stem) > 3 and stem[-1] == stem[-2:-1]]
    return next((candidate for candidate in candidates if candidate in OPERATIONS), None)
