"""The records that flow between stages, and the protocols that stages are written against.

No input or output happens here, and nothing outside this package is imported but pydantic.
"""
