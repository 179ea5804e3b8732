"""What is shown in a terminal: bars, numbers, tables that fit, text that stays text."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

import crossroads as cr
from crossroads.claims import ClaimedSet, Verdict
from crossroads.cli.pull import _cases, _run
from crossroads.leverage import Leverage, leverage_of
from crossroads.schema import package_vocabulary
from crossroads.show.catalogue import draw_claims, draw_levers
from crossroads.show.explanation import draw_explanation
from crossroads.show.interval import Axis, axis_over, claimed_bar, found_bar, scale_line
from crossroads.show.matrix import draw_matrix
from crossroads.show.numbers import claimed_words, per_cent, scale_for, set_words, spread
from crossroads.show.output import Sheet, flat, tsv
from crossroads.show.pull import draw_effects, merged
from crossroads.show.study import draw_study
from crossroads.show.text import plain, shortened, tally
from crossroads.show.verdicts import marked, symbol
from crossroads.study import Study

STARTER = Path(cr.__file__).parent / "cli" / "starter"
HOSTILE = "It [bold]pays[/bold] [link=x]much[/link] \\e[31m =HYPERLINK(1) \\u202E :smile:"


def console(width: int) -> Console:
    return Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)


def printed(screen: Console) -> str:
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The starter dossier with a claim whose text tries to be more than text."""
    folder = tmp_path_factory.mktemp("show") / "mine"
    shutil.copytree(STARTER, folder)
    claims = (folder / "claims.yaml").read_text(encoding="utf-8")
    said = "Southmark's reserves would be gone in less than two years"
    assert said in claims
    claims = claims.replace(said, f'"{HOSTILE}"')
    (folder / "claims.yaml").write_text(claims, encoding="utf-8")
    return cr.assess(cr.load(folder), draws=50)


class TestText:
    def test_plain_has_no_control_characters(self) -> None:
        assert plain("a\x1b[31mb\tc\r\nd\u202ee\u009bf") == "a[31mb c def"

    def test_shortened_between_words(self) -> None:
        assert shortened("one two three", 13) == "one two three"
        assert shortened("one two three", 10) == "one two…"
        assert len(shortened("x" * 50, 10)) == 10

    def test_tally(self) -> None:
        assert (tally(1, "claim"), tally(1200, "claim")) == ("1 claim", "1,200 claims")


class TestNumbers:
    @pytest.mark.parametrize(
        ("size", "unit", "shown", "factor"),
        [
            (3.2e9, "USD", "USD billion", 1e9),
            (-3.2e6, "USD", "USD million", 1e6),
            (12.0, "USD", "USD", 1.0),
            (0.0, "USD", "USD", 1.0),
            (0.07, "share", "%", 0.01),
            (0.5, "y", "months", 1 / 12),
            (4e6, "t", "Mt", 1e6),
            (3.0, "no such unit", "no such unit", 1.0),
        ],
    )
    def test_scale(self, size: float, unit: str, shown: str, factor: float) -> None:
        scale = scale_for(size, unit, package_vocabulary())
        assert scale.unit == shown
        assert scale.factor == pytest.approx(factor)

    def test_spread(self) -> None:
        assert spread((4.6, 4.5, 4.7), "%") == "4.6 (4.5 to 4.7) %"
        assert spread((2, 2, 2), "ratio") == "2"
        assert spread((2, 1, 3), "USD", signed=True) == "+2 (+1 to +3) USD"

    def test_per_cent_keeps_none_and_all_apart(self) -> None:
        shares = (0.0, 0.001, 0.5, 0.999, 1.0)
        assert [per_cent(each) for each in shares] == [
            "0 %",
            "under 1 %",
            "50 %",
            "over 99 %",
            "100 %",
        ]

    @pytest.mark.parametrize(
        ("wording", "low", "high", "said"),
        [
            ("about", 0.063, 0.077, "about 7 %"),
            ("is", 0.0665, 0.0735, "7 %"),
            ("at_least", 0.07, None, "at least 7 %"),
            ("under", None, -0.07, "under -7 %"),
            ("between", 0.02, 0.07, "between 2 and 7 %"),
        ],
    )
    def test_claimed(self, wording: str, low: float | None, high: float | None, said: str) -> None:
        claimed = ClaimedSet(wording, low, high, 0.07, 0.1, "%", 0.01)
        assert claimed_words(claimed) == said

    def test_sets(self) -> None:
        assert set_words(1, None, "t") == "at least 1 t"
        assert set_words(None, 1, "t") == "at most 1 t"
        assert set_words(1, 2, "t") == "1 to 2 t"
        assert set_words(1, 1, "t") == "1 t"


class TestIntervals:
    axis = Axis(0, 10, 10)

    def test_bars_share_an_axis(self) -> None:
        assert claimed_bar(self.axis, 2, 4.5) == "  ▒▒▒     "
        assert found_bar(self.axis, 5, 3, 8) == "   ├─●──┤ "

    def test_claims_without_end_run_to_the_edge(self) -> None:
        assert claimed_bar(self.axis, 6, None) == "      ▒▒▒▸"
        assert claimed_bar(self.axis, None, 3) == "◂▒▒▒      "

    def test_exact_and_narrow_results(self) -> None:
        assert found_bar(self.axis, 5, 5, 5) == "     ●    "
        assert claimed_bar(self.axis, 5, 5) == "     ▒    "

    def test_values_beyond_stay_on_the_bar(self) -> None:
        assert found_bar(self.axis, 50, -3, 60) == "├────────●"

    @pytest.mark.parametrize(
        "values", [[5.0], [0.0], [0.0, 0.0], [-3.0, 3.0], [None, 2.0], [None], [1e-9, 1e12]]
    )
    def test_every_value_has_a_place(self, values: list[float | None]) -> None:
        axis = axis_over(values, 20)
        assert axis.low < axis.high
        for each in values:
            assert each is None or 0 <= axis.place(each) < 20
        assert len(scale_line(axis)) == 20

    def test_starts_at_zero_where_that_costs_little(self) -> None:
        assert axis_over([1.0, 10.0], 20).low == 0
        assert axis_over([9.0, 10.0], 20).low > 8
        assert axis_over([-10.0, -1.0], 20).high == 0


class TestOutput:
    def test_cells_stay_cells(self) -> None:
        sheet = Sheet(("a", "b"), [["x\ty\nz", None], ["=1+1", -2.5], ["-", float("nan")]])
        assert tsv(sheet) == "a\tb\nx y z\t\n'=1+1\t-2.5\n-\t\n"

    def test_flat_names_fields_by_path(self) -> None:
        sheet = flat({"a": {"b": [1, {"c": "x"}]}, "d": None, "e": ""})
        assert list(sheet.rows) == [("a.b.1", 1), ("a.b.2.c", "x")]


class TestScreens:
    @pytest.mark.parametrize("width", [80, 100, 120, 200])
    def test_fit_the_width(self, width: int, study: Study) -> None:
        dossier = study.dossier
        cases = _cases(dossier, [], "squeeze", 1.0, None)
        effects = merged(_run(dossier, cases, 50, 1, False, None))
        screen = console(width)
        draw_study(screen, study, "mine", "results/mine")
        for name in study.judged:
            draw_explanation(screen, study, name)
        draw_effects(screen, dossier, effects, 50, whole=True)
        draw_levers(screen, dossier)
        draw_claims(screen, dossier)
        assert max(cell_len(line) for line in printed(screen).splitlines()) <= width

    @pytest.mark.parametrize("width", [80, 200])
    def test_text_of_a_dossier_is_no_markup(self, width: int, study: Study) -> None:
        screen = console(width)
        draw_study(screen, study, "mine", "results/mine")
        draw_explanation(screen, study, "reserves-soon-gone")
        draw_explanation(screen, study, "southmark-must-yield")
        draw_claims(screen, study.dossier)
        text = printed(screen)
        assert text.count("[bold]pays[/bold]") >= 3
        assert ":smile:" in text
        assert not {"\x1b", "\u202e"} & set(text)

    def test_premises_stand_under_their_argument(self, study: Study) -> None:
        screen = console(120)
        draw_study(screen, study, "mine", "results/mine")
        text = printed(screen)
        assert "2 premises: ✔ 1 ≈ 1" in text
        assert "└ transfers-carry-the-budget" in text
        assert "5 claims:  ✔ 1 supported  ✘ 2 contradicted" in text

    def test_one_horizon_where_both_are_the_same(self, study: Study) -> None:
        cases = _cases(study.dossier, ["ban-fruit"], None, 1.0, None)
        (effects,) = merged(_run(study.dossier, cases, 50, 1, False, None))
        screen = console(100)
        draw_effects(screen, study.dossier, [effects], 50, whole=False)
        text = printed(screen)
        assert "At every horizon (short, long)" in text
        assert "Northmark (pulls)" in text
        assert "Southmark (aimed at)" in text
        assert "exposed income (USD million)" in text

    def test_every_verdict_has_a_sign_of_its_own(self) -> None:
        assert len({symbol(each) for each in Verdict}) == len(Verdict)
        for each in Verdict:
            assert marked(each).plain == f"{symbol(each)} {each}"
            assert cell_len(symbol(each)) == 1


@pytest.fixture(scope="module")
def matrix() -> Leverage:
    return leverage_of(cr.load("toy"), draws=1)


class TestMatrix:
    def test_the_grid_has_holders_by_targets(self, matrix: Leverage) -> None:
        """Of the twins' output of 6,000: 47.5 each way, and 570 of the 600 that Cyrland sells."""
        screen = console(100)
        draw_matrix(screen, cr.load("toy"), matrix, "exposure", False)
        lines = [line.split() for line in printed(screen).splitlines()]
        assert ["holder", "ALD", "BRU", "CYR", "DOR"] in lines
        assert ["ALD", "0.8a", "?", "?"] in lines
        assert ["CYR", "9.5a", "9.5a", "?"] in lines
        assert "advice" in printed(screen)

    def test_one_template_needs_no_letters(self, matrix: Leverage) -> None:
        screen = console(100)
        some = matrix.where(template="halt-aid")
        draw_matrix(screen, cr.load("toy"), some, "asymmetry", False)
        lines = [line.split() for line in printed(screen).splitlines()]
        assert ["DOR", "∞", "∞", "?"] in lines
        assert ["CYR", "?", "?", "?"] in lines

    @pytest.mark.parametrize("width", [24, 40, 80, 140])
    def test_it_fits(self, matrix: Leverage, width: int) -> None:
        for some in (matrix, matrix.where(holder="CYR"), matrix.where(target="ALD")):
            screen = console(width)
            draw_matrix(screen, cr.load("toy"), some, "exposure", True)
            assert max(map(cell_len, printed(screen).splitlines())) <= width

    def test_a_narrow_screen_has_the_rest_of_the_grid_below(self, matrix: Leverage) -> None:
        screen = console(24)
        draw_matrix(screen, cr.load("toy"), matrix, "exposure", False)
        heads = [line.split() for line in printed(screen).splitlines() if "holder" in line[:6]]
        assert [each for head in heads[:2] for each in head[1:]] == ["ALD", "BRU", "CYR", "DOR"]

    def test_the_list_tells_both_sides_and_what_is_missing(self, matrix: Leverage) -> None:
        screen = console(140)
        some = matrix.where(holder="CYR", target="ALD")
        draw_matrix(screen, cr.load("toy"), some, "exposure", False)
        text = " ".join(printed(screen).split())
        for said in ("114 USD million", "1.9 % of output", "7.6 % of state revenue", "∞"):
            assert said in text
        assert "nothing exposed" in text
        assert "? flows has no" not in text
        screen = console(140)
        draw_matrix(
            screen, cr.load("toy"), matrix.where(holder="ALD", target="CYR"), "exposure", True
        )
        text = printed(screen)
        assert "No data for 3 of 5 cells:" in text
        assert "halt-aid: ALD on CYR" in text
