"""What ``toolweave graph`` does: makes the files of a graph, shows them, counts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.progress import watching
from pipeline.config import Settings, load_settings
from schemas.errors import InputError
from schemas.record import JsonObject

if TYPE_CHECKING:
    from pipeline.graphs.files import Known

GRAPH_OUT = Path("out/graph")
DONE = 0


def graph_build_command(settings: Settings) -> int:
    """Find the edges and write all files."""
    with watching(settings.quiet) as watcher:
        watcher.say("Reading catalogues …")
        from pipeline.cli import answers
        from pipeline.graphs.files import Known, refuse_foreign_graph, write_graph
        from pipeline.opening import open_graph

        refuse_foreign_graph(settings.out)
        known = Known(*open_graph(settings))
        files = write_graph(settings.out, known)
    stats = known.graph.stats()
    if settings.as_json:
        named = {name: str(path) for name, path in files.items()}
        answers.print_json({"out": str(settings.out), "files": named, "stats": stats})
    elif not settings.quiet:
        for line in answers.of_reading(known.catalog):
            watcher.say(line)
        answers.print_line(f"{settings.out}: {stats['tools']} tools, {stats['edges']} edges")
        answers.print_line(f"open {files['graph.html']} in a browser")
    return DONE


def graph_show_command(words: Sequence[str], open_it: bool, as_json: bool) -> int:
    """Say where the picture lies, or print one tool with its neighbours."""
    from pipeline.cli import answers
    from pipeline.cli.graph_printing import neighbours, print_tool
    from pipeline.graphs.files import is_graph

    # The last word is a tool where it is not the only one and no such path exists.
    *first, last = words
    paths, tool = (
        (tuple(map(Path, first)), last)
        if first and not Path(last).exists()
        else (tuple(map(Path, words)), None)
    )
    if tool is None:
        if not is_graph(paths[0]):
            raise InputError(
                "holds no graph; make one with 'toolweave graph build', or name a tool",
                file=str(paths[0]),
            )
        return _show_page(paths[0], open_it, as_json)
    known = _known(paths)
    if as_json:
        answers.print_json(neighbours(known, tool))
    else:
        print_tool(known, tool)
    return DONE


def _show_page(folder: Path, open_it: bool, as_json: bool) -> int:
    from pipeline.cli import answers
    from pipeline.graphs.files import PAGE, read_graph, write_page

    page = folder / PAGE
    if not page.exists():  # a build does not draw
        write_page(folder, read_graph(folder))
    if open_it:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())
    answers.print_json({"page": str(page)}) if as_json else answers.print_line(str(page))
    return DONE


def graph_stats_command(paths: Sequence[Path], as_json: bool) -> int:
    """Count."""
    from pipeline.cli import answers
    from pipeline.cli.graph_printing import print_facts
    from pipeline.graphs.facts import facts_of

    facts = facts_of(*_known(tuple(paths)))
    answers.print_json(facts) if as_json else print_facts(facts)
    return DONE


def _known(paths: tuple[Path, ...]) -> "Known":
    """Read a graph that was made already, or make it now."""
    from pipeline.graphs.files import Known, is_graph, read_graph
    from pipeline.opening import open_graph

    if len(paths) == 1 and is_graph(paths[0]):
        return read_graph(paths[0])
    options: JsonObject = {"tools": paths}
    return Known(*open_graph(load_settings(None, options)))
