"""Compiles a curated API document into models, codecs, resources and a catalog. Never shipped.

document -> validate -> lint -> `Api` (typed) -> models, codecs, resources, catalog -> ruff -> lock

``python -m codegen`` writes, ``python -m codegen --check`` says whether what is written is current.
"""
