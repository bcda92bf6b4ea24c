"""Spans of OpenTelemetry, by the extra ``otel``: a build, its batches, and the candidates of each.

They are told where candidates are decided; whoever plays says when it began and ended. Where nobody
asks for them, OpenTelemetry is not imported. Who asks is told by the variables of OpenTelemetry, or
by a program that has set it up itself.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.run.journal import Finished

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_EXPORTER = "OTEL_TRACES_EXPORTER"
_ASKING = (_EXPORTER, "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_SET_UP = "opentelemetry.sdk.trace"
"""The module that whoever has set up OpenTelemetry has imported."""


class Spans:
    """The spans of a running build; without a tracer, none."""

    def __init__(self, tracer: "Tracer | None" = None) -> None:
        self._tracer = tracer

    def tell(
        self, batch: range, begun: int, found: Iterable[Finished], accepted: int, rejected: int
    ) -> None:
        """A batch that is decided: when it was begun, its candidates, and what came of them.

        A candidate that was played elsewhere, or read from the journal, has no span of its own.
        """
        if self._tracer is None:
            return
        from opentelemetry.trace import set_span_in_context

        counts = {"accepted": accepted, "rejected": rejected}
        span = self._tracer.start_span(
            "toolweave.batch",
            start_time=begun,
            attributes={"toolweave.first": batch.start, "toolweave.last": batch.stop - 1}
            | {f"toolweave.{name}": count for name, count in counts.items()},
        )
        inside = set_span_in_context(span)
        for one in found:
            if one.ended:
                self._tracer.start_span(
                    "toolweave.candidate",
                    context=inside,
                    start_time=one.begun,
                    attributes={
                        "toolweave.candidate": one.candidate,
                        "toolweave.outcome": "accepted" if one.accepted else "rejected",
                        "toolweave.reasons": sorted(set(one.summary["reasons"])),
                    },
                ).end(one.ended)
        span.end(time.time_ns())


@contextmanager
def traced(settings: Settings, say: Callable[[str], None]) -> Iterator[Spans]:
    """The span of a build, if anybody asks for it; ``say`` is told why none can be sent."""
    asking = [name for name in _ASKING if os.environ.get(name, "none") != "none"]
    if not asking and _SET_UP not in sys.modules:
        yield Spans()
        return
    try:
        end = _set_up() if _SET_UP not in sys.modules else lambda: True
    except ImportError as error:
        say(f"{asking[0]} is set, and no spans are sent: {error}; install toolweave[otel]")
        yield Spans()
        return
    from opentelemetry import trace

    tracer = trace.get_tracer("toolweave")
    attributes: dict[str, str | int] = {
        "toolweave.out": str(settings.out),
        "toolweave.asked": settings.n,
        "toolweave.seed": settings.seed,
    }
    try:
        with tracer.start_as_current_span("toolweave.build", attributes=attributes):
            yield Spans(tracer)
    finally:
        end()


def _set_up() -> Callable[[], object]:
    """Have spans sent where the variables say; answers what sends the last ones."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

    by_console = os.environ.get(_EXPORTER) == "console"
    exporter = ConsoleSpanExporter(out=sys.stderr) if by_console else OTLPSpanExporter()
    named = os.environ.get("OTEL_SERVICE_NAME", "toolweave")
    provider = TracerProvider(resource=Resource.create({"service.name": named}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return lambda: provider.shutdown()
