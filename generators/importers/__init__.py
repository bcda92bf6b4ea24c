"""Importers: files of tool definitions, in the forms that others write, become one catalogue.

`read` is the way in. `document` loads JSON, one module a format finds the tools in it, `normalise`
brings their schemas to one dialect, `naming` and `effect` decide what the source leaves open.
What the tools mean for one another is left to inference and graph.
"""

from generators.importers.read import FORMATS, read_catalog

__all__ = ["FORMATS", "read_catalog"]
