"""One turn of a task in beats: request, question, answer, calls, confirmation, report."""

from dataclasses import replace

from generators.dialogue.comparison_script import repeated
from generators.dialogue.delay_script import ask_late, ask_needed, lead_on, waits
from generators.dialogue.return_script import asks_again, leaned_leaves, opener, returned
from generators.dialogue.script import Draft, Leaf
from generators.dialogue.troubles import struck
from generators.dialogue.turn_report import close_turn, findings, is_twin
from generators.dialogue.user_style import opened, styled
from generators.language.comparison import besides, compared
from generators.language.details import detail_list, detail_sentences
from generators.language.hidden import Hidden
from generators.language.naming import needs
from generators.language.phrase import Mention, Phrase, concat
from generators.language.report import deed
from generators.language.request import Clause, clause, twin_words
from generators.language.scene import Scene
from generators.language.told import Told
from generators.lexicon.names import bare_label, capital, join, label
from generators.lexicon.nouns import is_plural, plural
from schemas.canonical import canonical_json
from schemas.message import UserAct
from schemas.task import TaskTurn

_QUESTIONS: dict[str, str] = {
    "person_name": "clarify_person", "date": "clarify_date", "query": "clarify_query",
    "expression": "clarify_expression",
}  # fmt: skip


class ScriptedTurn:
    """One turn of the task on its way into beats."""

    def __init__(self, draft: Draft, number: int, turn: TaskTurn) -> None:
        self.draft, self.number, self.turn = draft, number, turn
        self.scene = draft.scene
        self.calls = list(self.scene.numbers(number))
        used = {o.call for c in self.calls for o in self.scene.calls[c].origins}
        used |= set(turn.comparison.calls) if turn.comparison else set()
        self.repeated = repeated(self.scene, turn) | leaned_leaves(self.scene, turn, self.calls[0])
        self.sinks = [call for call in self.calls if call not in used]
        self.withheld: list[Leaf] = [_leaf(key) for key in turn.withheld]
        self.held_back = self._held_back()

    def _held_back(self) -> list[Leaf]:
        """What the user tells only after being asked for an id that they do not know."""
        if not self.turn.unknown:
            return []
        if self.turn.outcome == "clarify":
            return [
                (c, origin.path)
                for c in self.calls
                for origin, parameter, _ in self.scene.told(c)
                if parameter.name in self.turn.unknown
            ]
        implied = [call for call in self.calls if call not in self.sinks]
        return [(c, origin.path) for c in implied for origin, _, _ in self.scene.told(c)]

    def write(self) -> None:
        """All beats of the turn."""
        self._request()
        if self.turn.outcome == "clarify":
            self._leave_open()
            return
        if self.turn.vague:
            self._say_what()
        elif self.withheld:
            self._clarify()
        if self.turn.unknown:
            self._ask_unknown()
        self._note_known()
        self._act()

    def _told_before(self, call: int) -> frozenset[Leaf]:
        """What was said for the calls before ``call``."""
        scene = self.scene
        return frozenset((c, o.path) for c in range(call) for o, _, _ in scene.told(c))

    def _known(self) -> frozenset[Leaf]:
        """What was said before; identities are noted as heard there."""
        known = {*self._told_before(self.calls[0]), *self.repeated}
        here: dict[tuple[str, str], Leaf] = {}
        for call in self.calls:
            for origin, parameter, value in self.scene.told(call):
                leaf, key = (call, origin.path), (parameter.name, canonical_json(value))
                if self._same_as_twin(call, origin.path, value):
                    known.add(leaf)
                    continue
                if parameter.use not in ("identity", "reference") or "[" in origin.path:
                    continue
                if self.draft.named_last(*key) or key in here:
                    known.add(leaf)
                else:
                    here[key] = leaf
        return frozenset(known)

    def _hidden(self) -> Hidden:
        revision = self.turn.revision
        instead = {(revision.call, revision.path): revision.first} if revision else {}
        withheld = frozenset([*self.withheld, *self.held_back])
        seen = frozenset(self.draft.seen)
        return Hidden(withheld, self._known(), instead, seen, start=self.calls[0])

    def _request(self) -> None:
        hidden = self._hidden()
        if self.turn.vague:
            phrase = self._vague()
        else:
            phrase = returned(self.scene, self.turn, self.calls, hidden) or self._clear(hidden)
        revision = self.turn.revision
        if revision:
            kept = tuple(
                m for m in phrase.mentions if (m.call, m.path) != (revision.call, revision.path)
            )
            phrase = Phrase(phrase.text, kept)
        if self.turn.hurried:
            urged = self.scene.grammar.compose("hurry", self.scene.style, self.scene.rng)
            phrase = concat([phrase, urged])
        if self.turn.leans_on is not None:
            said = styled(self.scene, phrase)
        else:
            said = opened(self.scene, self.number, phrase, opener(self.draft, self.turn))
        self.draft.user(self.number, self._request_act(), said)
        self._note_known()

    def _note_known(self) -> None:
        """Leaves that were said before, for another call, are heard where they were said."""
        draft = self.draft
        for call in self.calls:
            for origin, parameter, value in self.scene.told(call):
                leaf = (call, origin.path)
                if self._same_as_twin(call, origin.path, value):
                    heard = draft.heard.get((call - 1, origin.path))
                elif parameter.use in ("identity", "reference"):
                    heard = draft.values.get((parameter.name, canonical_json(value)))
                else:
                    heard = None
                if heard and leaf not in draft.heard:
                    draft.heard[leaf] = heard
        for leaf, first in self.repeated.items():
            if first in draft.heard:
                draft.heard[leaf] = draft.heard[first]

    def _request_act(self) -> UserAct:
        if self.turn.vague:
            return "vague_request"
        if self.withheld or self.turn.unknown:
            return "partial_request"
        fed = [
            o for c in self.sinks for o in self.scene.calls[c].origins if o.call in self.draft.seen
        ]
        return "choose" if any(o.result_path and "[" in o.result_path for o in fed) else "request"

    def _topic(self) -> str:
        return plural(label(self.scene.model(self.sinks[-1]).noun.replace(" ", "_"))) or "something"

    def _vague(self) -> Phrase:
        slots = {"topic": self._topic()}
        return self.scene.grammar.compose(
            "vague", self.scene.style, self.scene.rng, **slots
        ).as_sentence()

    def _clear(self, hidden: Hidden) -> Phrase:
        scene = self.scene
        wants: list[Phrase] = []
        details: list[Told] = []
        for call in self.sinks:
            if is_twin(scene, self.sinks, call):
                what = twin_words(scene, call, call - 1, hidden)
                wants.append(scene.grammar.compose("want_both", "any", scene.rng, what=what))
                continue
            said = clause(scene, call, hidden)
            details += said.details
            again = " again" if asks_again(scene, self.turn, self.calls) else ""
            wants.append(self._want(said, len(wants)) + again)
        want = concat(wants, ", ")
        key = "ask_me" if " me to " in want.text else "ask"
        body = scene.grammar.compose(key, scene.style, scene.rng, want=want)
        more = besides(scene, self.turn.comparison) if self.turn.comparison else Phrase("")
        whole = concat([body.as_sentence(), *detail_sentences(scene, _distinct(details)), more])
        return concat([whole, *detail_sentences(scene, self._unsaid(whole, hidden))])

    def _unsaid(self, phrase: Phrase, hidden: Hidden) -> list[Told]:
        """Values that the wording had no place for: nothing that a call needs may go unsaid."""
        said = {(mention.call, mention.path) for mention in phrase.mentions}
        left = []
        for call in self.calls:
            for origin, parameter, value in self.scene.told(call):
                leaf = (call, origin.path)
                if leaf not in said and not hidden.silent(*leaf):
                    value = hidden.instead.get(leaf, value)
                    words = self.scene.say(call, origin.path, parameter, value)
                    left.append(Told(label=label(parameter.name), value=words))
        return left

    def _same_as_twin(self, call: int, path: str, value: object) -> bool:
        """Whether the call before it has the same value there, and so it is said already."""
        if not is_twin(self.scene, self.sinks, call):
            return False
        return any(o.path == path and v == value for o, _, v in self.scene.told(call - 1))

    def _want(self, said: Clause, position: int) -> Phrase:
        if position == 0:
            return said.main
        return self.scene.grammar.compose("want_more", "any", self.scene.rng, want=said.main)

    def _say_what(self) -> None:
        """After a vague request the assistant does not guess: the user says what is wanted."""
        scene = self.scene
        asked = scene.grammar.compose("clarify_open", "any", scene.rng, topic=self._topic()).text
        self.draft.assistant(self.number, "clarify", asked)
        hidden = Hidden(known=self._known(), seen=frozenset(self.draft.seen), start=self.calls[0])
        self.draft.user(self.number, "inform", styled(scene, self._clear(hidden)))

    def _leave_open(self) -> None:
        """What nobody knows is asked for, and nothing is done."""
        scene = self.scene
        self.draft.assistant(self.number, "clarify", self._question(self.held_back))
        unable = scene.grammar.compose("unable_at_all", scene.style, scene.rng).as_sentence()
        self.draft.user(self.number, "unable_to_inform", styled(scene, unable))
        wish = deed(scene, self.calls[-1])
        said = scene.grammar.compose("left_open", "any", scene.rng, wish=wish).text
        self.draft.assistant(self.number, "say", said)

    def _clarify(self) -> None:
        self.draft.assistant(self.number, "clarify", self._question(self.withheld))
        self.draft.user(self.number, "inform", self._answer(self.withheld))

    def _question(self, leaves: list[Leaf]) -> str:
        scene = self.scene
        parameters = [scene.model(call).parameter(path) for call, path in leaves]
        labels = list(dict.fromkeys(label(p.name) for p in parameters))
        if len(labels) > 1:
            named = join([f"the {item}" for item in labels])
            return scene.grammar.compose("clarify_many", "any", scene.rng, labels=named).text
        kind = parameters[0].semantic
        key = _QUESTIONS.get(kind, "clarify_one")
        if kind in ("count", "duration") and is_plural(labels[0]):
            key = "clarify_count"
        return scene.grammar.compose(key, "any", scene.rng, label=labels[0]).text

    def _answer(self, leaves: list[Leaf]) -> Phrase:
        scene = self.scene
        values = []
        for call, path in leaves:
            parameter = scene.model(call).parameter(path)
            value = next(v for o, _, v in scene.told(call) if o.path == path)
            values.append(
                Told(label=label(parameter.name), value=scene.say(call, path, parameter, value))
            )
        if len(values) == 1:
            said = values[0].value
            phrase = scene.grammar.compose(
                "inform_one", scene.style, scene.rng, value=said, value_again=said.text
            )
        else:
            details = _with_verbs(values)
            phrase = scene.grammar.compose("inform_many", scene.style, scene.rng, details=details)
        return styled(scene, phrase.as_sentence())

    def _ask_unknown(self) -> None:
        scene = self.scene
        name = self.turn.unknown[0]
        words = bare_label(name)
        text = scene.grammar.compose("ask_unknown", "any", scene.rng, label=f"{words} ID").text
        self.draft.assistant(self.number, "clarify", text)
        unable = scene.grammar.compose("unable", scene.style, scene.rng).as_sentence()
        implied = [call for call in self.calls if call not in self.sinks]
        hidden = Hidden(known=self._known(), seen=frozenset(self.draft.seen), start=self.calls[0])
        told = [item for call in implied for item in _needs_of(scene, call, hidden, implied)]
        phrase = concat([unable, *detail_sentences(scene, _as_details(_distinct(told)))])
        self.draft.user(self.number, "unable_to_inform", styled(scene, phrase))
        self._note_known()

    def _act(self) -> None:
        """The calls, with the confirmation before the first write, and the reports."""
        asked = not self.turn.confirm
        late = tuple(self.draft.waiting)
        for batch in self._batches():
            if self.scene.is_barred(batch[0]):
                continue
            ask_needed(self.draft, self.number, batch)
            lead = lead_on(self.draft, self.calls)
            if not asked and any(self.scene.model(call).writes for call in batch):
                lead = self._confirm(batch)
                asked = True
            elif self.turn.comparison and self.turn.comparison.call in batch:
                lead = compared(self.scene, self.turn.comparison)
            elif not lead and batch[0] == self.calls[0]:
                writes = self.scene.model(batch[0]).writes
                key = "lead_in_write" if writes else "lead_in"
                lead = self.scene.grammar.pick(key, "any", self.scene.rng)
            self.draft.assistant(self.number, "call", lead, tuple(batch))
            for call in batch:
                fault = self.scene.calls[call].fault
                if fault and not waits(self.draft, call):
                    struck(self.draft, self.number, call, fault)
        ask_late(self.draft, self.number, late, self._batches()[-1])
        close_turn(self.draft, self.number, self.calls, self.sinks, late)

    def _batches(self) -> list[list[int]]:
        batches: dict[int, list[int]] = {}
        for call in self.calls:
            batches.setdefault(self.scene.calls[call].group, []).append(call)
        return list(batches.values())

    def _confirm(self, batch: list[int]) -> str:
        """Asks, hears the answer, and gives the words that lead on to the call."""
        scene, draft = self.scene, self.draft
        revision = self.turn.revision
        writes = [c for c in self.calls if scene.model(c).writes and c >= batch[0]]
        before = [c for c in self.calls if c < batch[0]]
        reported = {call for call in before if call in self.sinks}
        seen = frozenset(draft.seen | reported)
        instead = {(revision.call, revision.path): revision.first} if revision else {}
        hidden = Hidden(
            known=self._told_before(batch[0]),
            seen=seen,
            instead=instead,
            start=self.calls[0],
            resolved=True,
        )
        said = [clause(scene, call, hidden) for call in writes]
        want = join([concat([item.main, detail_list(item.details)]).text for item in said])
        want = want.replace(" me to ", " you to ")
        question = scene.grammar.compose("confirm", "any", scene.rng, want=want).text
        if self.turn.hurried:
            question = f"{scene.grammar.pick('hurried', 'any', scene.rng)} {question}"
        found = findings(scene, self.turn, self.sinks, before, writes)
        draft.assistant(self.number, "confirm", f"{found} {question}")
        draft.seen |= reported
        if not revision:
            draft.user(
                self.number,
                "affirm",
                styled(scene, scene.grammar.compose("affirm", scene.style, scene.rng)),
            )
            return ""
        parameter = scene.model(revision.call).parameter(revision.path)
        value = next(v for o, _, v in scene.told(revision.call) if o.path == revision.path)
        words = label(parameter.name)
        phrase = scene.grammar.compose(
            "correct", scene.style, scene.rng, label=words, label_capital=capital(words),
            value=scene.say(revision.call, revision.path, parameter, value),
        )  # fmt: skip
        draft.user(self.number, "correct", styled(scene, phrase.as_sentence()))
        return scene.grammar.pick("revised", "any", scene.rng)


def _needs_of(scene: Scene, call: int, hidden: Hidden, implied: list[int]) -> list[Told]:
    """A call's own needs, without those of the calls before it, which have their turn."""
    told = needs(scene, call, replace(hidden, seen=hidden.seen | set(implied)))
    return [item for item in told if not item.tail.text.startswith("of that ")]


def _leaf(key: str) -> Leaf:
    call, _, path = key.partition(":")
    return int(call), path


def _distinct(details: list[Told]) -> list[Told]:
    """Each value once, however many calls need it."""
    kept: dict[tuple[Mention, ...], Told] = {}
    for item in details:
        kept.setdefault(item.tail.mentions + item.value.mentions, item)
    return list(kept.values())


def _as_details(told: list[Told]) -> list[Told]:
    """In answer to a question: what would be part of a request tells which one is meant."""
    tails = [item.tail for item in told if not item.is_detail]
    which = [Told(value="the one " + concat(tails))] if tails else []
    return [item for item in told if item.is_detail] + which


def _with_verbs(values: list[Told]) -> Phrase:
    parts = [f"the {item.label} is " + item.value for item in values]
    return concat(parts[:-1], ", ") + " and " + parts[-1] if len(parts) > 1 else parts[0]
