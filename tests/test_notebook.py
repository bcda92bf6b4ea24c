"""What a notebook shows: the data class by class, and the notebook of the project as it is run."""

import ast
import asyncio
import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.run.build_loop import run
from pipeline.views.charts import place_tools
from pipeline.views.conversation import Note, Sample, mark_json, mark_text
from pipeline.views.notebook import Output, open_output
from schemas.errors import InputError, OutputError
from schemas.leaves import leaves
from schemas.message import FromContext, ToolMessage
from schemas.trajectory import Trajectory
from tests.tampering import drop, edit, edit_call, edit_source, exchange_of, insert
from tests.trajectories import GOOD, Shop
from validators.checks import examine

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "inspect.ipynb"
LIBRARY = NOTEBOOK.parents[1] / "data" / "catalogs" / "library.json"
NEVER_CLOSED = {"meta", "br", "img", "hr", "input"}
PNG = b"\x89PNG\r\n\x1a\n"


def build(folder: Path, **plan: int) -> Output:
    file = folder / "plan.json"
    file.write_text(json.dumps(plan))
    settings = Settings(n=6, out=folder / "out", tools=(file,))
    asyncio.run(run("tests.workshop", settings, Watcher()))
    return open_output(folder / "out")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Output:
    return build(tmp_path_factory.mktemp("notebook"), reject_every=4)


class Page(HTMLParser):
    """The elements and the text of a page; every element must be closed where it belongs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.marked: list[str] = []
        self.letters = ""
        """All text as it stands."""
        self.words = ""
        """All text, with spaces between elements."""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in NEVER_CLOSED:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.letters += data
            self.words += f" {data}"
        if "mark" in self.open:
            self.marked.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words.split())

    def classes(self, name: str) -> int:
        return sum(name in (given.get("class") or "").split() for _, given in self.elements)


def page(trajectory: Trajectory) -> Page:
    return Page(Sample(trajectory)._repr_html_())


def judged(trajectory: Trajectory) -> Trajectory:
    return examine(trajectory, Shop)


def test_a_good_conversation_shows_who_says_what_and_where_each_argument_comes_from() -> None:
    shown = page(judged(GOOD))
    for message in GOOD.messages:
        assert isinstance(message, ToolMessage) or message.text in shown.letters
    for part in (
        f"accepted shop {judged(GOOD).id}",
        "Ida Brandt, terse",
        "assistant: scripted",
        "confirm fault parallel refuse",
        "structure schema demands provenance order consent writes text faithful goal policy replay",
        "user choose message 5",
        "order two of the small ones",
        'product_id "p-31" products[0].product_id result, message 3',
        'delivery_date "2026-03-12" the 12th of March user, message 5 · read as date',
        "limit 5 the schema’s default",
        "injected fault: rate_limited",
        "recoverable trained on transient_fault",
    ):
        assert part in shown.text
    assert [words for words in shown.marked if not words.startswith('"')] == [
        "oak desk", "two", "the 12th of March", "Saturday",
    ]  # fmt: skip
    assert shown.classes("call") == 5
    assert shown.classes("result") == 5
    assert shown.classes("masked") == 0


def test_a_mark_tells_which_arguments_were_read_from_it() -> None:
    titles = [given["title"] for tag, given in page(GOOD).elements if tag == "mark"]
    assert "place_order: quantity = 2, read as number" in titles
    assert 'get_order: order_id = "W-1001"' in titles


def test_words_of_the_system_message_are_marked_where_they_ground_an_argument() -> None:
    source = FromContext(span="Monday, 2 March 2026", rule="date")
    assert "Monday, 2 March 2026" in page(edit_source(8, "delivery_date", source)).marked


def test_a_spoilt_conversation_shows_its_reasons_and_what_is_masked() -> None:
    shown = page(judged(edit_source(8, "quantity")))
    assert "rejected shop" in shown.text
    assert "provenance: bad" in shown.text
    assert shown.text.count("ungrounded_argument") >= 3  # in the header, at the label, at the place
    assert "quantity 2 no source" in shown.text
    assert "bad masked ungrounded_argument" in shown.text


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (drop(3), "no result"),
        (drop(10), "result without a call"),
        (insert(5, exchange_of(2, "c9")[1]), "result without a call"),
        (drop(0), "rejected shop"),
        (edit(19, turn=7), "no such turn in the task"),
        (edit(4, reasoning="They want <both>."), "They want <both>."),
        (edit_call(2, raw='{"query":'), '{"query":'),
        (edit(3, content="<not JSON>"), "<not JSON>"),
        (GOOD.model_copy(update={"messages": ()}), "rejected shop"),
        (GOOD.model_copy(update={"messages": (GOOD.messages[3],)}), "result without a call"),
    ],
)
def test_whatever_is_wrong_can_be_looked_at(spoilt: Trajectory, told: str) -> None:
    assert told in page(spoilt).text


def test_without_verdicts_and_labels_nothing_looks_good() -> None:
    shown = page(GOOD)
    assert shown.classes("good") == 0
    assert shown.text.count("no label") == 9


EVIL = "<script>alert('&')</script>\"><img src=x onerror=alert(1)> ]]> {{ 7 * 7 }}"


def poisoned() -> Trajectory:
    """Every text that can come from outside says the same evil."""
    whole = edit_source(2, "query", FromContext(span=EVIL, rule=EVIL))
    for message in GOOD.messages:
        changes: dict[str, Any] = {"text": EVIL}
        if isinstance(message, ToolMessage):
            changes = {"content": json.dumps({EVIL: EVIL}), "name": EVIL}
        whole = edit(message.index, whole, **changes)
    whole = edit_call(2, trajectory=whole, name=EVIL, id=EVIL, arguments={EVIL: EVIL}, raw=EVIL)
    task = whole.task.model_copy(
        update={
            "domain": EVIL,
            "operators": (EVIL,),
            "persona": whole.task.persona.model_copy(update={"name": EVIL, "about": EVIL}),
            "turns": (whole.task.turns[0].model_copy(update={"intent": EVIL}),),
        }
    )
    tools = tuple(tool.model_copy(update={"description": EVIL}) for tool in whole.tools)
    return judged(whole.model_copy(update={"task": task, "tools": tools}))


def test_text_never_becomes_markup() -> None:
    plain = {tag for tag, _ in page(edit_call(2, raw="{}")).elements}
    shown = page(poisoned())
    assert {tag for tag, _ in shown.elements} <= plain | {"p"}
    assert not any(name.startswith("on") for _, given in shown.elements for name in given)
    assert EVIL in shown.text
    assert "<script" not in Sample(poisoned())._repr_html_()


def test_a_sample_asks_for_nothing_from_outside() -> None:
    html = Sample(judged(GOOD))._repr_html_()
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in Page(html).elements}
    assert "url(" not in html
    assert "http" not in html


texts = st.text(alphabet="ab <&\"'\n\u2028é", max_size=12)


@given(texts, st.lists(texts, max_size=4))
def test_marking_keeps_every_letter_of_a_text(text: str, spans: list[str]) -> None:
    assert Page(str(mark_text(text, [Note(span, span) for span in spans]))).letters == text


values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
)


@given(values)
def test_marking_keeps_json_as_it_is(value: Any) -> None:
    everywhere = {path: ["noted"] for path, _ in leaves(value)}
    assert json.loads(Page(str(mark_json(json.dumps(value), everywhere))).letters) == value


def test_a_leaf_is_marked_at_its_path_and_nowhere_else() -> None:
    content = json.dumps({"a": [{}, {"b": "x{"}, "y"], "c": []})
    marked = mark_json(content, {"a[1].b": ["one"], "a[2]": ["two"], "c": ["three"]})
    assert Page(str(marked)).marked == ['"b": "x{"', '"y"', '"c": []']


def test_a_whole_word_is_marked_rather_than_a_part_of_one() -> None:
    assert str(mark_text("often ten", [Note("ten", "n")])) == 'often <mark title="n">ten</mark>'


names = st.integers(0, 12).map("tool_{}".format)


@given(st.sets(names, min_size=1), st.data())
def test_no_two_tools_stand_in_one_place_and_order_does_not_matter(
    tools: set[str], data: st.DataObject
) -> None:
    one = st.sampled_from(sorted(tools))
    pairs = data.draw(st.lists(st.tuples(one, one).filter(lambda pair: pair[0] != pair[1])))
    places = place_tools(sorted(tools), pairs)
    assert set(places) == tools
    assert len(set(places.values())) == len(tools)
    assert places == place_tools(sorted(tools, reverse=True), pairs[::-1])


def test_who_only_gives_stands_left_of_who_only_takes() -> None:
    places = place_tools(["a", "b", "c"], [("c", "b"), ("b", "a"), ("c", "a")])
    assert places["c"][0] < places["a"][0]


def test_tables_answer_sql(output: Output) -> None:
    found = output.sql("SELECT count(*) AS many FROM calls JOIN accepted USING (candidate)")
    assert found["many"].tolist() == [30]
    found = output.sql("SELECT trajectory_id FROM trajectories WHERE candidate = ?", 2)
    assert found["trajectory_id"].tolist() == [output.samples(2)[1].id]


def test_tables_are_read_only_and_mistakes_are_told_in_a_line(output: Output) -> None:
    for query in ("DELETE FROM calls", "SELECT nothing FROM nowhere"):
        with pytest.raises(OutputError, match=r"^[^\n]*toolweave\.duckdb[^\n]*$"):
            output.sql(query)


def test_samples_are_found_by_fate_condition_and_id(output: Output) -> None:
    assert [sample.trajectory.index for sample in output.samples()] == [0, 2, 3, 4, 6, 7]
    assert [sample.trajectory.index for sample in output.rejected()] == [1, 5]
    later = output.samples(limit=2, where="candidate > 3")
    assert [sample.trajectory.index for sample in later] == [4, 6]
    first = output.samples(1)[0]
    assert output.trajectory(first.id[:10]) == first
    assert repr(first) == f"<Sample {first.id} {first.trajectory.task.domain}: accepted>"
    assert repr(output.rejected(1)[0]).endswith(": rejected (too_short)>")
    with pytest.raises(InputError, match="no trajectory has an id that begins with 'zz'"):
        output.trajectory("zz")


def test_pictures_are_png_of_the_size_that_they_say(output: Output) -> None:
    for picture in (output.graph(), output.graph("shop"), output.plots()):
        png, size = picture._repr_png_()
        assert png.startswith(PNG)
        assert [int.from_bytes(png[start : start + 4]) for start in (16, 20)] == pytest.approx(
            [2 * size["width"], 2 * size["height"]], abs=2
        )
    with pytest.raises(InputError, match="no domain 'moon'; there is shop"):
        output.graph("moon")


def test_plots_are_drawn_where_nothing_was_accepted(tmp_path: Path) -> None:
    assert build(tmp_path, reject_every=1, reject_at=0).plots().png().startswith(PNG)


def test_a_folder_that_is_no_output_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no output of toolweave"):
        open_output(tmp_path)


def test_what_is_not_installed_is_named_with_the_remedy(output: Output) -> None:
    program = (
        "import sys; sys.modules |= {'pandas': None, 'matplotlib': None}\n"  # as if they were not
        "from pipeline.views.notebook import open_output\n"
        f"output = open_output({str(output.folder)!r}); output.samples(1)[0]._repr_html_()\n"
        "for asked in (lambda: output.sql('SELECT 1'), output.graph, output.plots):\n"
        "    try:\n"
        "        asked()\n"
        "    except Exception as error:\n"
        "        print(error)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=240
    )
    lines = ended.stdout.splitlines()
    for line, module in zip(lines, ("pandas", "matplotlib", "matplotlib"), strict=True):
        assert f"needs {module}" in line
        assert "pip install 'toolweave[notebook]'" in line


def execute(folder: Path) -> list[Any]:
    """Run a notebook that builds 4, in an empty home; answers the cells of code.

    In processes of its own, with the kernel that ipykernel has for the running interpreter.
    """
    home = folder / "home"
    home.mkdir()
    copy = folder / NOTEBOOK.name
    told = NOTEBOOK.read_text("utf-8")
    assert told.count(r'"-n\", \"30\"') == 1
    few = told.replace(r'"-n\", \"30\"', rf'"-n\", \"4\", \"--tools\", \"{LIBRARY}\"')
    notebook: Any = nbformat.reads(few, as_version=4)
    nbformat.write(notebook, copy)
    path = {"PATH": os.environ["PATH"], "HOME": str(home)}
    program = "from nbclient.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", program, "--inplace", "--timeout=120", str(copy)],
        env=path, cwd=folder, capture_output=True, text=True, timeout=480,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    notebook = nbformat.read(copy, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cells: list[Any], kind: str) -> list[str]:
    return [
        found.data[kind]
        for cell in cells
        for found in cell.outputs
        if found.output_type == "execute_result" and kind in found.data
    ]


def evaluate(source: str, names: dict[str, Any]) -> Any:
    """Run a cell; what its last line is worth."""
    *before, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        return exec(source, names)
    exec(compile(ast.Module(before, []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def test_the_cells_run_on_an_output_folder(
    output: Output, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOOLWEAVE_OUT", str(output.folder))
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    names: dict[str, Any] = {}
    made = [evaluate(one.source, names) for one in cells if one.cell_type == "code"]
    assert "6 accepted, 2 rejected" in capsys.readouterr().out
    pages = [Page(one._repr_html_()) for one in made if hasattr(one, "_repr_html_")]
    assert sum(one.classes("dataframe") for one in pages) == 2
    assert [one.text[:8] for one in pages if one.classes("toolweave")] == [
        "accepted", "accepted", "rejected",
    ]  # fmt: skip
    assert any("too_short" in one.text for one in pages)


@pytest.mark.slow
def test_the_notebook_builds_a_small_data_set_where_there_is_none(tmp_path: Path) -> None:
    cells = execute(tmp_path)
    assert all(cell.outputs for cell in cells)
    assert "4 accepted" in "".join(found.get("text", "") for found in cells[0].outputs)
    assert open_output(tmp_path / "out" / "demo").manifest.accepted == 4
    pages = [Page(html) for html in shown(cells, "text/html")]
    assert [one for one in pages if one.classes("toolweave") and one.classes("call")]
    assert len(shown(cells, "image/png")) == 2


def test_the_notebook_is_stored_without_results() -> None:
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert cell.cell_type == "markdown" or (not cell.outputs and cell.execution_count is None)
