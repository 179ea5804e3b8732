"""Dossiers at random, small and valid: what is true of all of them is true of the format.

Needs hypothesis, which is loaded when ``dossiers`` is called and not before.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossroads.errors import UsageError
from crossroads.levers.change import EXOGENOUS
from crossroads.schema import package_vocabulary, table_specs

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ["dossiers", "write_dossier"]

_YEARS = ("2022", "2023", "2024")
_LAYERS = (*EXOGENOUS, "goods", "services")
_FACTS = {"gdp_current": 1e4, "budget_revenue": 2e3, "goods_imports": 4e3}
"""Measures that flows are set against, and what they come to in millions, or so."""


def dossiers() -> SearchStrategy[dict[str, str]]:
    """Return a hypothesis strategy for small dossiers that check without a finding.

    Each is a map from file name to text: two to four states, their facts and flows with ranges
    and vintages, memberships and barriers, a lever on every flow that a lever may scale, and
    claims on indicators, on a record, and untestable ones.

    Raises
    ------
    UsageError
        If hypothesis is not installed.
    """
    try:
        from hypothesis import strategies
    except ModuleNotFoundError:
        raise UsageError("dossiers at random need hypothesis: pip install hypothesis") from None

    @strategies.composite
    def files(draw: DrawFn) -> dict[str, str]:
        return _Maker(draw, strategies).files()

    return files()


def write_dossier(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the files of a dossier into a new or empty folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


class _Maker:
    """Makes one dossier, drawing as it goes."""

    def __init__(self, draw: DrawFn, strategies: Any) -> None:
        self.draw, self.st = draw, strategies
        self.states = [f"S{place}" for place in range(self.number(2, 4))]
        self.sources = [f"source-{place}" for place in range(self.number(1, 3))]

    def number(self, low: int, high: int) -> int:
        return int(self.draw(self.st.integers(low, high)))

    def one(self, words: Sequence[str]) -> str:
        return str(self.draw(self.st.sampled_from(words)))

    def chance(self) -> bool:
        return bool(self.draw(self.st.booleans()))

    def text(self) -> str:
        """Draw a text as people write them: any letters, quotes and commas, no edges of space."""
        letters = self.st.characters(codec="utf-8", categories=("L", "N", "P", "Zs"))
        text = str(self.draw(self.st.text(letters, max_size=20))).strip()
        return text or "untitled"

    def figure(self, size: float) -> dict[str, str]:
        """Draw value, low and high about a size; with a range, without one, or exactly zero."""
        value = size * self.number(1, 400) / 100
        if not self.chance():
            return {"value": f"{value:g}"}
        spread = self.number(0, 90) / 100
        low, high = value * (1 - spread), value * (1 + 2 * spread)
        return {"value": f"{value:.9g}", "low": f"{low:.6g}", "high": f"{high * 1.001:.6g}"}

    def source(self) -> str:
        several = self.st.lists(self.st.sampled_from(self.sources), min_size=1, unique=True)
        return ";".join(self.draw(several))

    def files(self) -> dict[str, str]:
        flows = self.flows()
        members = self.memberships()
        exogenous = [flow for flow in flows if flow["layer"] in EXOGENOUS and flow["value"] != "0"]
        present = [flow for flow in exogenous if flow["period"] == _YEARS[-1]]
        levers = {f"halt-{place}": flow for place, flow in enumerate(present)}
        tables: dict[str, list[dict[str, str]]] = {
            "sources": [
                {
                    "id": source,
                    "title": self.text(),
                    "published": self.one(("2025", "2025-02", "2025-02-28")),
                    "reliability": self.one("ABCDEF"),
                }
                for source in self.sources
            ],
            "actors": [
                {"id": "WLD", "name": "World", "kind": "world"},
                {"id": "LEAGUE", "name": "League", "kind": "bloc"},
                *({"id": each, "name": self.text(), "kind": "state"} for each in self.states),
                {"id": "SPEAKER", "name": self.text(), "kind": "person"},
            ],
            "facts": self.facts(),
            "flows": flows,
            "memberships": members,
            "barriers": self.barriers(),
        }
        written = {f"{name}.csv": _csv(name, rows) for name, rows in tables.items() if rows}
        written["dossier.yaml"] = self.settings()
        written["claims.yaml"] = self.claims(flows, members)
        if levers:
            written["levers.yaml"] = "".join(self.lever(*each) for each in levers.items())
            written["scenarios.yaml"] = "".join(
                f"pull-{name}: {{says: {_quoted(self.text())}, levers: [{name}]}}\n"
                for name in levers
            )
        return written

    def facts(self) -> list[dict[str, str]]:
        rows = []
        for actor in self.states:
            for measure, size in _FACTS.items():
                for period in _YEARS:
                    if self.chance():
                        row = {"actor": actor, "measure": measure, "period": period}
                        row |= {"unit": "USD million", "source": self.source()}
                        rows.append(row | self.figure(size))
                        if self.chance():
                            rows.append(row | self.figure(size) | {"known_from": "2025-06"})
        return rows

    def flows(self) -> list[dict[str, str]]:
        ends = [(a, b) for a in self.states for b in self.states if a != b]
        some = self.st.lists(
            self.st.tuples(
                self.st.sampled_from(_LAYERS),
                self.st.sampled_from(ends),
                self.st.sampled_from(_YEARS),
            ),
            min_size=1,
            max_size=12,
            unique=True,
        )
        rows = []
        for layer, (origin, destination), period in self.draw(some):
            row = {"layer": layer, "origin": origin, "destination": destination, "period": period}
            amount = {"value": "0"} if self.number(0, 9) == 9 else self.figure(100)
            row |= {"unit": self.one(("USD million", "USD thousand")), "source": self.source()}
            rows.append(row | amount)
        return rows

    def memberships(self) -> list[dict[str, str]]:
        return [
            {
                "state": state,
                "bloc": "LEAGUE",
                "status": "member",
                "start": self.one(("1999", "2015-06", "2020-01-31")),
                "source": self.source(),
            }
            for state in self.states
            if self.chance()
        ]

    def barriers(self) -> list[dict[str, str]]:
        kinds = [each for each in ("tariff", "iceberg", "export_tax") if self.chance()]
        return [
            {
                "kind": kind,
                "destination": self.one(("LEAGUE", *self.states)),
                "value": str(self.number(0, 50)),
                "unit": "%",
                "start": "2010",
                "source": self.source(),
            }
            for kind in kinds
        ]

    def settings(self) -> str:
        return (
            f"title: {_quoted(self.text())}\n"
            f"question: {_quoted(self.text())}\n"
            "as_of: 2025-12-31\n"
            f"base_period: {_YEARS[-1]}\n"
            "horizons:\n  short: {months: 12}\n"
            "world: WLD\n"
            f"regions: [{', '.join(self.states)}]\n"
            f"documents:\n  text: {{title: {_quoted(self.text())}, date: 2025-04}}\n"
        )

    def lever(self, name: str, flow: Mapping[str, str]) -> str:
        ends = ", ".join(f"{each}: {flow[each]}" for each in ("layer", "origin", "destination"))
        more = self.one(("", ", leakage: 0", ", duration: 6 months", ", leakage: 20%"))
        return (
            f"{name}:\n  holder: {flow['origin']}\n  target: {flow['destination']}\n"
            f"  says: {_quoted(self.text())}\n"
            f"  changes:\n    - {{flow: {{{ends}}}, scale: {self.one(('0', '0.5'))}{more}}}\n"
        )

    def claims(
        self, flows: Iterable[Mapping[str, str]], members: Iterable[Mapping[str, str]]
    ) -> str:
        claims = [self.claim("opinion", "judgement", "untestable: value judgement")]
        for place, flow in enumerate(flows):
            amount = f"{self.number(0, 300)} {flow['unit']}"
            reading = (
                f"indicator: exposure/inflow, actor: {flow['destination']}, "
                f"counterpart: {flow['origin']}, item: {flow['layer']}, "
                f"period: {flow['period']}, {self.wording(amount)}"
            )
            claims.append(self.claim(f"flow-{place}", "fact", f"readings: {{one: {{{reading}}}}}"))
        for place, row in enumerate(members):
            reading = (
                f"record: memberships, match: {{state: {row['state']}, bloc: LEAGUE}}, "
                f"expect: {{status: {self.one(('member', 'former'))}, start: {row['start']}}}"
            )
            claims.append(self.claim(f"roll-{place}", "fact", f"readings: {{one: {{{reading}}}}}"))
        return "".join(claims)

    def wording(self, amount: str) -> str:
        """Claim an amount in any of the package's wordings."""
        wording = self.one(tuple(package_vocabulary().wordings))
        if package_vocabulary().wordings[wording].takes == "interval":
            return f"{wording}: [{_quoted(amount)}, {_quoted('9' + amount)}]"
        return f"{wording}: {_quoted(amount)}"

    def claim(self, name: str, kind: str, test: str) -> str:
        return (
            f"{name}:\n  says: {_quoted(self.text())}\n  by: SPEAKER\n"
            f"  where: {{document: text, section: {self.number(0, 9)}}}\n"
            f"  kind: {kind}\n  {test}\n"
        )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _csv(table: str, rows: Sequence[Mapping[str, str]]) -> str:
    used = [name for name in table_specs()[table].columns if any(name in row for row in rows)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(used)
    writer.writerows([row.get(name, "") for name in used] for row in rows)
    return out.getvalue()
