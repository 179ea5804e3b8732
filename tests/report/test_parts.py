"""What the report is made of: bars, shares, the matrix, findings, scenarios, rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

import crossroads as cr
from crossroads.claims import ClaimedSet, Found, Verdict
from crossroads.claims.judge import ReadingVerdict
from crossroads.show.effects import effects_of, moved_by
from crossroads.show.interval import Axis
from crossroads.show.report.anchors import Anchors
from crossroads.show.report.bars import Band, Span, axis_of, band_of, span_of, ticks_of
from crossroads.show.report.claims import chapters_of, table_lines
from crossroads.show.report.highlights import MOST, highlights_of
from crossroads.show.report.highlights.verdicts import distance
from crossroads.show.report.matrix import matrix_of, share_words
from crossroads.show.report.scenarios import ScenarioSeen, effects_by_scenario, scenarios_of
from crossroads.show.report.sources import row_tables
from crossroads.show.rows import rows_seen
from crossroads.study import Study


@pytest.fixture(scope="module")
def anchors(study: Study) -> Anchors:
    return Anchors.of(study)


@pytest.fixture(scope="module")
def scenarios(study: Study, anchors: Anchors) -> list[ScenarioSeen]:
    return scenarios_of(study, effects_by_scenario(study), anchors)


def claimed(low: float | None, high: float | None) -> ClaimedSet:
    return ClaimedSet("about", low, high, 0.1, 0.1, "%", 0.01)


class TestBars:
    def test_places_are_in_per_cent_of_the_axis(self) -> None:
        axis = Axis(0.0, 20.0, 100)
        assert span_of(axis, 5.0, 10.0, 20.0) == Span("25%", "50%", "100%")
        assert band_of(axis, claimed(0.09, 0.11)) == Band("45%", "10%", False, False)

    def test_a_set_without_end_runs_to_the_edge(self) -> None:
        axis = Axis(0.0, 20.0, 100)
        assert band_of(axis, claimed(0.05, None)) == Band("25%", "75%", False, True)
        assert band_of(axis, claimed(None, 0.05)) == Band("0%", "25%", True, False)

    def test_a_single_value_can_be_seen(self) -> None:
        assert band_of(Axis(0.0, 20.0, 100), claimed(0.1, 0.1)).width == "0.4%"

    def test_the_axis_is_in_the_unit_of_what_is_claimed(self) -> None:
        axis = axis_of(claimed(0.09, 0.11), [Found(30.0, 28.0, 32.0, "%", 0.01)])
        assert axis.low == 0  # all is positive, and the least, 9, under half of the greatest
        assert axis.high == pytest.approx(32 + 0.08 * (32 - 9))

    @pytest.mark.parametrize(
        ("low", "high", "ticks"),
        [
            (0, 10, [0, 2, 4, 6, 8, 10]),
            (0, 11, [0, 5, 10]),
            (-3, 7, [-2, 0, 2, 4, 6]),
            (0.93, 1.02, [0.94, 0.96, 0.98, 1.0, 1.02]),
            (180, 12_000, [5000, 10000]),
        ],
    )
    def test_ticks_are_round(self, low: float, high: float, ticks: list[float]) -> None:
        assert Axis(low, high, 100).ticks() == pytest.approx(ticks)

    def test_labels_stay_within_the_edges(self) -> None:
        told = ticks_of(Axis(0.0, 10.0, 100))
        assert (told[0].at, told[0].anchor) == ("0%", "start")
        assert (told[-1].at, told[-1].anchor) == ("100%", "end")
        assert {each.anchor for each in told[1:-1]} == {"middle"}


class TestShares:
    @pytest.mark.parametrize(
        ("share", "words"),
        [
            (0, "0 %"),
            (1e-9, "under 0.01 %"),
            (0.000123, "0.01 %"),
            (0.0044, "0.4 %"),
            (0.0462, "4.6 %"),
            (0.1212, "12 %"),
            (0.0996, "10 %"),
        ],
    )
    def test_only_none_is_nought(self, share: float, words: str) -> None:
        assert share_words(share) == words


class TestMatrix:
    def test_every_pair_has_a_state(self, study: Study, anchors: Anchors) -> None:
        matrix = matrix_of(study, anchors)
        actors = [each for each, _ in matrix.actors]
        for (holder, _), pairs in matrix.rows:
            assert len(pairs) == len(actors)
            for target, pair in zip(actors, pairs, strict=True):
                cells = [
                    each
                    for each in study.leverage.cells
                    if (each.holder, each.target) == (holder, target)
                ]
                shares = [each.on_target.of_gdp.median for each in cells if each.on_target.of_gdp]
                if holder == target:
                    assert pair.state == "self"
                elif not shares:
                    assert pair.state == "missing"
                elif max(shares) == 0:
                    assert pair.state == "zero"
                else:
                    assert pair.state == "known"
                    assert pair.loss == share_words(max(shares))

    def test_states_are_told_apart(self, study: Study, anchors: Anchors) -> None:
        states = {pair.state for _, pairs in matrix_of(study, anchors).rows for pair in pairs}
        assert {"self", "known"} < states

    def test_nothing_is_dropped_by_holder(self, study: Study, anchors: Anchors) -> None:
        """Each cell is a line, next to nothing, zero or missing."""
        matrix = matrix_of(study, anchors)
        for each in matrix.holders:
            cells = [cell for cell in study.leverage.cells if cell.holder == each.actor]
            told = len(each.lines) + sum(
                len(targets.split(", ")) for _, targets in (*each.tiny, *each.zero, *each.missing)
            )
            assert told == len(cells)


class TestFindings:
    def test_the_most_telling_come_first(
        self, study: Study, anchors: Anchors, scenarios: list[ScenarioSeen]
    ) -> None:
        told = highlights_of(study, anchors, scenarios)
        weights = [each.weight for each in told]
        assert weights == sorted(weights, reverse=True)
        assert 6 <= len(told) <= MOST
        first = "".join(each.words for each in told[0].words)
        decided = sum(
            each.verdict in (Verdict.SUPPORTED, Verdict.CONTRADICTED)
            for each in study.judged.values()
        )
        assert first.startswith(f"Of {len(study.judged)} claims, {decided} can be decided")

    def test_those_without_data_are_left_out(self, study: Study, anchors: Anchors) -> None:
        some = cr.assess(study.dossier, draws=50, only=["transfers-grow"])
        told = highlights_of(some, Anchors.of(some), [])
        text = ["".join(each.words for each in one.words) for one in told]
        assert any("1 claim," in each for each in text)
        assert not any("argument" in each or "scenario" in each for each in text)

    @pytest.mark.parametrize(
        ("found", "low", "high", "times"),
        [
            ((2, 1, 4), 0.08, None, 2),  # the end of the range nearest to 8 % is 4 %
            ((20, 18, 22), None, 0.06, 3),  # that nearest to 6 % is 18 %
            ((-2, -3, 1), 0.08, None, 0),  # the range holds zero
            ((2, 1, 4), 0.0, None, 0),
        ],
    )
    def test_distance(
        self,
        study: Study,
        found: tuple[float, float, float],
        low: float | None,
        high: float | None,
        times: float,
    ) -> None:
        held = next(each for each in _readings(study) if each.found is not None)
        reading = replace(held.reading, claimed=claimed(low, high))
        verdict = replace(
            held,
            reading=reading,
            verdict=Verdict.CONTRADICTED,
            found=Found(*found, unit="%", factor=0.01),
        )
        assert distance(verdict) == pytest.approx(times)

    def test_no_distance_where_it_is_not_contradicted(self, study: Study) -> None:
        held = next(each for each in _readings(study) if each.verdict is Verdict.SUPPORTED)
        assert distance(held) == 0


def _readings(study: Study) -> list[ReadingVerdict]:
    return [each for judged in study.judged.values() for each in judged.readings]


class TestScenarios:
    def test_every_scenario_is_there(self, study: Study, scenarios: list[ScenarioSeen]) -> None:
        assert [each.id for each in scenarios] == list(study.dossier.scenarios)

    def test_who_pulls_stands_beside_whom_it_is_aimed_at(
        self, scenarios: list[ScenarioSeen]
    ) -> None:
        squeeze = next(each for each in scenarios if each.id == "squeeze-ald")
        roles = {role for part in squeeze.parts for _, role in part.parties}
        assert roles == {"pulls", "aimed at"}
        for part in squeeze.parts:
            for group in part.groups:
                assert all(len(cells) == len(part.parties) for _, cells in group.lines)
        assert "aimed at" in {each.role for each in squeeze.stakes}
        assert {each.of for each in squeeze.stakes} == {"of gross domestic product"}

    def test_a_baseline_at_hand_changes_nothing(self, study: Study) -> None:
        case = next(each for each in cr.cases_of(study.dossier) if not each.is_baseline)
        table, world = study.indicators, study.world
        baseline = table.where(scenario="baseline", horizon=case.horizon)
        moved = moved_by(case, world)
        quick = effects_of(case, table, world, study.engines, baseline, moved)
        assert quick == effects_of(case, table, world, study.engines)
        assert any(each.inputs for each in quick.direct)

    def test_what_engines_leave_out_is_said(self, study: Study, page: str) -> None:
        for engine in study.engines:
            for sentence in getattr(engine, "leaves_out", ()):
                assert sentence in page


class TestRows:
    def test_every_kind_of_row_can_be_seen(self, study: Study) -> None:
        """Rows of tables without words of their own are named by their keys."""
        rows = study.dossier.tables["barriers"]["row"].to_list()
        assert rows
        seen = rows_seen(rows, study.world)
        assert [each.about for each in seen] == [each.partition(":")[2] for each in rows]

    def test_places_are_unique(self, anchors: Anchors) -> None:
        assert len(set(anchors.places.values())) == len(anchors.seen)

    def test_ids_in_a_text_become_links(self, anchors: Anchors) -> None:
        row = next(iter(anchors.places))
        pieces = anchors.linked(f"check source wire (C): {row}, then rest.")
        assert "".join(each.words for each in pieces) == f"check source wire (C): {row}, then rest."
        assert [(each.words, each.href) for each in pieces if each.href] == [
            ("wire", "#source-wire"),
            (row, f"#{anchors.places[row]}"),
        ]

    def test_tables_hold_every_row_once(self, anchors: Anchors) -> None:
        rows = [row.id for table in row_tables(anchors) for row in table.rows]
        assert sorted(rows) == sorted(anchors.seen)


class TestOrder:
    def test_chapters_follow_the_text(self, study: Study, anchors: Anchors) -> None:
        for chapter in chapters_of(study, anchors):
            assert len({each.judged.claim.section for each in chapter.claims}) == 1
        told = [each.id for chapter in chapters_of(study, anchors) for each in chapter.claims]
        assert sorted(told) == sorted(study.judged)

    def test_premises_follow_their_argument_in_the_table(self, study: Study) -> None:
        lines = table_lines(study)
        depth = {line.judged.claim.id: line.depth for line in lines}
        for line in lines:
            above = line.judged.claim.part_of
            if above in depth:
                assert line.depth == depth[above] + 1
