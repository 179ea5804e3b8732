"""The page: templates filled with a study, style and script inside, nothing from elsewhere."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crossroads.claims import Verdict
from crossroads.schema import grade_meanings
from crossroads.show.report.anchors import Anchors, Refs, claim_anchor, source_anchor
from crossroads.show.report.claims import chapters_of, table_lines
from crossroads.show.report.highlights import highlights_of
from crossroads.show.report.matrix import matrix_of, rows_under
from crossroads.show.report.scenarios import effects_by_scenario, rows_behind, scenarios_of
from crossroads.show.report.sources import row_tables, sources_of
from crossroads.show.study import counts_words
from crossroads.show.text import plain, tally
from crossroads.show.verdicts import MEANINGS
from crossroads.store import Store, digest, made_by
from crossroads.study import Study, version

__all__ = ["kept_report", "report_html"]

_ROOT = "templates"


def kept_report(study: Study, store: Store | None = None) -> bytes:
    """Return the report of a study, found in the store or made and put there."""
    key = digest("report", made_by(), study.digest, study.dossier.name, list(study.judged))
    held = store.get(key) if store else None
    if held is not None:
        return held["report.html"]
    page = report_html(study).encode()
    if store:
        store.put(key, {"report.html": page})
    return page


def report_html(study: Study) -> str:
    """Return the report of a study as one page.

    The same study gives the same bytes: the page names no time, host or path.
    """
    return _environment().get_template("report.html.j2").render(_context(study))


def _context(study: Study) -> dict[str, Any]:
    effects = effects_by_scenario(study)
    anchors = Anchors.of(study, [*rows_behind(effects), *rows_under(study.leverage)])
    scenarios = scenarios_of(study, effects, anchors)
    style, script = _asset("report.css"), _asset("report.js")
    return {
        "study": study,
        "dossier": study.dossier,
        "meta": study.dossier.meta,
        "counts_words": counts_words(study),
        "version": version(),
        "matrix": matrix_of(study, anchors),
        "highlights": highlights_of(study, anchors, scenarios),
        "lines": table_lines(study),
        "chapters": chapters_of(study, anchors),
        "computed": [each for each in scenarios if each.is_computed],
        "uncomputed": [each for each in scenarios if not each.is_computed],
        "engines": [(each, getattr(each, "leaves_out", ())) for each in study.engines],
        "sources": sources_of(anchors),
        "row_tables": row_tables(anchors),
        "anchors": anchors,
        "kinds": dict.fromkeys(each.claim.kind for each in study.judged.values()),
        "verdicts": MEANINGS,
        "grades": grade_meanings(),
        "grades_of": {name: each["reliability"] for name, each in study.dossier.sources.items()},
        "style": style,
        "script": script,
        "policy": _policy(style, script),
    }


def _policy(style: str, script: str) -> str:
    """Return a content security policy that allows our own style and script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> Markup:
    """Return a file of ours that goes into the page as it is."""
    path = resources.files(__package__) / _ROOT / name
    return Markup(path.read_text(encoding="utf-8"))  # ours, and of no dossier


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__, _ROOT),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters |= {
        "claim_anchor": claim_anchor,
        "source_anchor": source_anchor,
        "lines": _lines,
        "slug": _slug,
        "tally": tally,
    }
    return environment


def _shown(value: object) -> object:
    """Make what an expression gives safe to show: no control characters, nothing reordered."""
    if isinstance(value, Markup | int) or (isinstance(value, str) and value.isprintable()):
        return value
    return plain(value)


def _slug(verdict: Verdict) -> str:
    return str(verdict).replace(" ", "-")


def _lines(files: Sequence[Refs]) -> int:
    return sum(len(each.lines) for each in files)
