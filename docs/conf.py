"""How Sphinx makes a website of the documents: ``make site``.

The sources are the repository's Markdown files where they are, so that their links hold both there
and on the site. Headings and links of ``docs/index.md`` become the contents at the side.
"""

from __future__ import annotations

import re
from typing import Any

from pygments.lexers.special import TextLexer

project = "crossroads"
author = "the crossroads project"
project_copyright = author
root_doc = "docs/index"
include_patterns = ["*.md", "docs/*.md", "docs/*/*.md", "src/crossroads/dossiers/*/*.md"]

extensions = ["myst_parser"]
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
html_title = project
html_extra_path = ["site"]
html_theme_options = {
    "light_css_variables": {"code-font-size": "0.72rem"},  # 100 columns fit
}
html_copy_source = False
html_show_sourcelink = False
pygments_style = "default"
pygments_dark_style = "github-dark"


def setup(app: Any) -> None:
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", _with_contents)


def _with_contents(app: Any, name: str, source: list[str]) -> None:
    """Add to the index a table of contents that is shown at the side only."""
    if name == root_doc:
        for heading, part in re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", source[0], re.M):
            pages = [f"/docs/{link}" for link in re.findall(r"\]\(([^)]+)\.md\)", part)]
            listed = "\n".join(["```{toctree}", ":hidden:", f":caption: {heading}", "", *pages])
            source[0] += f"\n{listed}\n```\n"
