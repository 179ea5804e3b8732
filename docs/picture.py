"""Draw the picture of the README from a study: ``make docs``.

One line a claim of an argument: what is claimed as a band, what the figures say as a dot with its
90 % range, both on an axis of the claim's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from textwrap import wrap

import crossroads as cr
from crossroads.claims import number
from crossroads.claims.argument import Argument
from crossroads.claims.judge import Judged, ReadingVerdict
from crossroads.schema import Vocabulary
from crossroads.show.interval import axis_over
from crossroads.show.numbers import claimed_words, found_words, with_unit
from crossroads.show.verdicts import symbol
from crossroads.store import users_store

PICTURE = Path(__file__).parent / "verdicts.svg"
DOSSIER, ARGUMENT, MOST = "south-caucasus", "collapse-within-months", 9

WIDTH, LEFT, RIGHT, TOP, ROW = 960, 464, 24, 74, 64
SAYS = 44
"""Characters of a claim in a line."""

STYLE = """
  svg { --page: #ffffff; --edge: #d1d9e0; --ink: #1f2328; --quiet: #59636e; --band: #d8dee4;
        --supported: #1a7f37; --contradicted: #c21e28; --imprecise: #8a5a00; --mixed: #7a3fd0; }
  @media (prefers-color-scheme: dark) {
    svg { --page: #0d1117; --edge: #3d444d; --ink: #e6edf3; --quiet: #9198a1; --band: #343b44;
          --supported: #3fb950; --contradicted: #ff7b72; --imprecise: #d9a53a; --mixed: #bc8cff; } }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
         fill: var(--ink); font-variant-numeric: tabular-nums; }
  .title { font-size: 16px; font-weight: 600; }
  .quiet { fill: var(--quiet); font-size: 12px; }
  .end { fill: var(--quiet); font-size: 10.5px; }
  .word { font-weight: 600; }
  .page { fill: var(--page); stroke: var(--edge); }
  .axis { stroke: var(--edge); } .rule { stroke: var(--edge); stroke-opacity: .55; }
  .band { fill: var(--band); }
  .supported { --hue: var(--supported); } .contradicted { --hue: var(--contradicted); }
  .imprecise { --hue: var(--imprecise); } .mixed { --hue: var(--mixed); }
  .word { fill: var(--hue); }
  .found line { stroke: var(--hue); stroke-width: 2.5; } .found circle { fill: var(--hue); }
"""


def lines(argument: Argument) -> Iterator[tuple[Judged, ReadingVerdict]]:
    """Yield each claim of an argument with its first reading that has a figure."""
    for each in argument.judged.readings:
        if each.found is not None and each.reading.claimed is not None:
            yield argument.judged, each
            break
    for premise in argument.premises:
        yield from lines(premise)


def text(x: float, y: float, words: str, kind: str = "", end: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{end}">{escape(words)}</text>'


def row(y: int, judged: Judged, reading: ReadingVerdict, vocabulary: Vocabulary) -> Iterator[str]:
    """Draw one claim, its upper edge at ``y``."""
    found, claimed = reading.found, reading.reading.claimed
    assert found is not None
    assert claimed is not None
    verdict = judged.verdict
    yield f'<line x1="{RIGHT}" x2="{WIDTH - RIGHT}" y1="{y - 2}" y2="{y - 2}" class="rule"/>'
    yield text(RIGHT, y + 18, f"{symbol(verdict)} {verdict}", f"word {verdict}")
    if len(judged.readings) > 1:
        yield text(RIGHT, y + 34, f"1 of {len(judged.readings)} readings", "end")
    says = wrap(judged.claim.says, SAYS)
    if len(says) > 3:
        says = [*says[:2], f"{says[2][: SAYS - 2].rstrip()} …"]
    for place, line in enumerate(says):
        yield text(RIGHT + 122, y + 18 + 15 * place, line)

    low, high = (
        None if each is None else each / claimed.factor for each in (claimed.low, claimed.high)
    )
    axis = axis_over((low, high, found.p05, found.p95, found.median), WIDTH - RIGHT - LEFT)

    def at(value: float | None, unbounded: float) -> float:
        share = unbounded if value is None else (value - axis.low) / (axis.high - axis.low)
        return round(LEFT + share * axis.width, 1)

    words = f"found {found_words(found, claimed, vocabulary)}, claimed {claimed_words(claimed)}"
    yield text(LEFT, y + 18, words, "quiet")
    first, last = at(low, 0.0), at(high, 1.0)
    middle = y + 33
    yield (
        f'<rect x="{min(first, last - 2):g}" y="{middle - 7}" width="{max(last - first, 2):g}" '
        'height="14" rx="2" class="band"/>'
    )
    yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{middle}" y2="{middle}" class="axis"/>'
    yield (
        f'<g class="found {reading.verdict}"><line x1="{at(found.p05, 0):g}" '
        f'x2="{at(found.p95, 1):g}" y1="{middle}" y2="{middle}"/>'
        f'<circle cx="{at(found.median, 0):g}" cy="{middle}" r="4.5"/></g>'
    )
    yield text(LEFT, middle + 18, number(axis.low), "end")
    yield text(WIDTH - RIGHT, middle + 18, with_unit(number(axis.high), claimed.unit), "end", "end")


def picture(study: cr.Study, name: str) -> str:
    """Return the argument of a study as SVG."""
    argument = study.arguments[name]
    every = list(lines(argument))
    shown = every[:MOST]
    which = "Of each claim" if shown == every else f"Of the first {MOST} of {len(every)} claims"
    height = TOP + ROW * len(shown) + 14
    document = argument.judged.claim.document
    heading = f"{study.dossier.meta.title}: one argument and what it rests on"
    about = (
        f"As known on {study.dossier.meta.as_of}. Band: claimed on {document.date}. "
        f"Dot and line: found, with its 90 % range. {which} the first reading."
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="title about">',
        f'<title id="title">{escape(heading)}</title>',
        f'<desc id="about">{escape(about)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="6" class="page"/>',
        text(RIGHT, 32, heading, "title"),
        text(RIGHT, 53, about, "quiet"),
    ]
    for place, (judged, reading) in enumerate(shown):
        parts += row(TOP + ROW * place, judged, reading, study.dossier.vocabulary)
    return "\n".join([*parts, "</svg>", ""])


def drawn() -> str:
    """Return the picture as the package draws it now."""
    return picture(cr.assess(cr.load(DOSSIER), store=users_store()), ARGUMENT)


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
