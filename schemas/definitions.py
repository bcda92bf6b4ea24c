"""Parts that many records share, such as the tools on offer: a record may tell them by a hash.

Whoever writes or reads a record with `Definitions` as pydantic's context has hashes in place of
them; without, a record is whole. Both forms are read.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from schemas.record import Rec, Record


class Definitions(Protocol):
    """Where each part is kept once."""

    def refer(self, part: Record) -> str:
        """Keep a part; answers the hash by which it is found."""
        ...

    def find(self, kind: type[Rec], key: str) -> Rec:
        """Give the part of a hash. Raises ValueError where there is none."""
        ...


@dataclass(frozen=True)
class KeptOnce:
    """Marks the type of a part: ``Annotated[ToolSpec, KeptOnce()]``."""

    def __get_pydantic_core_schema__(
        self, source: type[Record], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """What the type does, and hashes where there are definitions."""

        def read(value: Any, info: core_schema.ValidationInfo) -> Any:
            if not isinstance(value, str):
                return value
            if info.context is None:
                raise ValueError(f"{value} stands for a part that is kept in definitions.jsonl")
            return info.context.find(source, value)

        def write(
            part: Any,
            whole: core_schema.SerializerFunctionWrapHandler,
            info: core_schema.SerializationInfo,
        ) -> Any:
            return info.context.refer(part) if info.context is not None else whole(part)

        inner = handler(source)
        serialization = core_schema.wrap_serializer_function_ser_schema(
            write, info_arg=True, schema=inner
        )
        return core_schema.with_info_before_validator_function(
            read, inner, serialization=serialization
        )
