"""How the documentation is built."""

from __future__ import annotations

from importlib import metadata

project = "aiobadges"
author = "The aiobadges authors"
copyright = "2026, The aiobadges authors"
release = metadata.version("aiobadges")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"aiobadges {release}"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_numpy_docstring = False
napoleon_custom_sections = ["Source"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]  # links to files of the repository that are no pages
