"""One test a line of the threat model, docs/explanation/threat-model.md."""

from __future__ import annotations

import ast
import contextlib
import difflib
import getpass
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

import crossroads as cr
from crossroads import tables
from crossroads.cli import app
from crossroads.entries import quantity
from crossroads.errors import did_you_mean
from crossroads.schema import Column, package_vocabulary
from crossroads.show.catalogue import draw_claims, draw_levers
from crossroads.show.explanation import draw_explanation
from crossroads.show.output import Sheet, emit_json, tsv
from crossroads.show.study import draw_study
from crossroads.store import digest
from crossroads.tables import CellError, cell
from tests.conftest import Folder

SOURCE = Path(str(cr.__file__)).parent
PAGE = Path(__file__).parents[2] / "docs/explanation/threat-model.md"

FORBIDDEN_MODULES = {
    *("pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "subprocess", "pty"),
    *("runpy", "code", "codeop", "ctypes", "imp", "commands", "xmlrpc"),
    *("socket", "ssl", "http", "urllib", "ftplib", "smtplib", "requests", "httpx", "aiohttp"),
    *("zipfile", "tarfile", "gzip", "bz2", "lzma", "zlib"),
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "breakpoint"}
FORBIDDEN_ATTRIBUTES = {
    *("popen", "execv", "execve", "execvp", "spawnv", "spawnl", "startfile"),
    *("unsafe_load", "full_load", "unsafe_load_all", "load_all", "UnsafeLoader", "FullLoader"),
    *("allow_pickle", "deserialize", "read_pickle", "import_module"),
}


def crossroads(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), prog_name="crossroads")


def checked_apart(path: Path, seconds: float = 20, megabytes: int = 1500) -> set[tuple[str, str]]:
    """Check a dossier in a process of its own, within time and memory; return codes and files."""
    script = (
        "import json, pathlib, resource, sys, crossroads as cr\n"
        "found = cr.check_dossier(pathlib.Path(sys.argv[1]))[1]\n"
        "most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "print(json.dumps([sorted({(each.code, each.file) for each in found}), most]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    codes, most = json.loads(done.stdout)
    assert most < megabytes, f"{most} MiB"
    return {(code, file) for code, file in codes}


def test_the_page_and_the_tests_agree() -> None:
    named = re.findall(r"\| `(test_\w+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    rows = re.findall(r"^\| (?!threat|---).*\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    here = [name for name in globals() if name.startswith("test_")]
    assert len(named) == len(rows) == len(set(named))
    assert sorted(named) == sorted(set(here) - {"test_the_page_and_the_tests_agree"})


def broken_rules(path: Path) -> list[str]:
    """Return what a module does that would run or fetch something."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [each.name.partition(".")[0] for each in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [(node.module or "").partition(".")[0]]
        found += [f"imports {name}" for name in names if name in FORBIDDEN_MODULES]
        if isinstance(node, ast.Name) and node.id in FORBIDDEN_CALLS:
            found.append(f"names {node.id}")
        if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_ATTRIBUTES:
            found.append(f"uses .{node.attr}")
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("yaml.load", "os.system"):
            found.append(f"uses {ast.unparse(node)}")
        if isinstance(node, ast.keyword) and node.arg in FORBIDDEN_ATTRIBUTES:
            found.append(f"passes {node.arg}")
    return found


def test_nothing_in_the_source_executes_text(tmp_path: Path) -> None:
    """The package's own schema is loaded with the safe loader, public names load by table, and
    the report takes addresses apart before it makes links of them."""
    allowed = {
        "__init__.py": {"uses .import_module"},
        "schema/__init__.py": {"uses yaml.load"},
        "show/report/sources.py": {"imports urllib"},
    }
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        assert set(broken_rules(path)) <= allowed.get(name, set()), name
    loaders = set(re.findall(r"yaml\.(\w*Loader)\b", (SOURCE / "schema/__init__.py").read_text()))
    assert loaders == {"SafeLoader"}
    bad = tmp_path / "bad.py"
    bad.write_text("import os, pickle\nfrom subprocess import run\neval('1')\nos.system('x')\n")
    assert len(broken_rules(bad)) == 4


def test_code_in_a_dossier_is_text(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.path.parent)
    code = "__import__('pathlib').Path('ran').touch()"
    title = folder.load().meta.title
    folder.swap("dossier.yaml", f"title: {title}", f'title: "{{{{ {code} }}}} ${{{code}}} {code}"')
    assert crossroads("explain", "toy", "bru-shrinks", "--draws", "5").exit_code == 0
    folder.swap("claims.yaml", "roughly: 15%", f'roughly: "{code}"')
    folder.add("levers.yaml", "x: !!python/object/apply:os.system ['touch ran']")
    assert {each.code for each in folder.checked()} >= {"bad-number", "yaml-tag"}
    assert not (folder.path.parent / "ran").exists()


def test_no_command_opens_a_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.chdir(tmp_path)
    draws = ("--draws", "5")
    for words in (
        ("new", "mine"),
        ("check", "mine"),
        ("assess", "mine", *draws),
        ("explain", "toy", "bru-shrinks", *draws),
        ("pull", "toy", next(iter(cr.load("toy").levers)), *draws),
        ("diff", "toy", "--from", "2025-04-30", *draws),
    ):
        assert crossroads(*words).exit_code == 0, words


def test_a_linked_file_leads_nowhere(folder: Folder, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("id,what\nsecret-word,hidden\n", encoding="utf-8")
    for file in ("facts.csv", "claims.yaml", "units.csv"):
        folder.drop(file)
        (folder.path / file).symlink_to(secret)
    result = crossroads("check", str(folder.path))
    assert result.exit_code == 1
    assert "secret-word" not in result.output
    outside = [each for each in folder.checked() if each.code == "symlink-outside"]
    assert {each.file for each in outside} == {"facts.csv", "claims.yaml", "units.csv"}


def test_only_plain_files_are_opened(folder: Folder, tmp_path: Path) -> None:
    """A pipe would block for ever, a device never end."""
    for file in ("facts.csv", "flows.csv", "events.csv"):
        folder.drop(file)
    (tmp_path / "elsewhere").mkdir()
    (folder.path / "facts.csv").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(folder.path / "flows.csv")
    (folder.path / "events.csv").symlink_to("/dev/zero")
    (folder.path / "inner").symlink_to(tmp_path / "elsewhere")
    found = checked_apart(folder.path)
    assert {
        ("symlink-outside", "facts.csv"),
        ("missing-file", "flows.csv"),
        ("symlink-outside", "events.csv"),
    } <= found


def test_an_id_is_no_path(folder: Folder, tmp_path: Path) -> None:
    column = Column("id", "id", "")
    for name in ("../../x", "/etc/passwd", "..", ".", "~/x", "a/b", "a\\b", "-x"):
        with pytest.raises(CellError):
            cell(name, column, package_vocabulary())
    folder.add("claims.yaml", '"../../x": {says: x}')
    assert "bad-id" in {each.code for each in folder.checked()}
    for name in ("../toy", "toy/../toy", "../../etc"):
        assert crossroads("check", f"nowhere/{name}").exit_code == 2


def test_only_results_and_store_are_written(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    done = crossroads("assess", str(folder.path), "--draws", "5", "--out", "out", "--no-store")
    assert done.exit_code == 0
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.parent for path in after.keys() - before.keys()} == {work / "out"}
    assert {path: after[path] for path in before} == before
    for words in (("check",), ("explain",), ("pull",)):
        crossroads(*words, str(folder.path))
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == set(after)


def test_formulas_are_escaped() -> None:
    risky = [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\x1b=1",
        "=a",
    ]
    told = tsv(Sheet(("a",), [(each,) for each in risky])).splitlines()[1:]
    assert all(each.startswith("'") for each in told), told
    assert len(told) == len(risky)
    kept = ["-5", "+3.5", "-1e-3", "a=b", "x-1"]
    assert tsv(Sheet(("a",), [(each,) for each in kept])).splitlines()[1:] == kept
    assert tsv(Sheet(("a",), [(-5,), (-0.25,)])).splitlines()[1:] == ["-5", "-0.25"]


EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eback\x7f"


def planted(folder: Folder, text: str) -> Path:
    """Put text wherever a dossier has free words."""
    for file in ("dossier.yaml", "claims.yaml", "levers.yaml", "scenarios.yaml"):
        lines = folder.text(file).splitlines()
        for place, line in enumerate(lines):
            match = re.match(r"( *)(title|question|says|note|why): \S", line)
            after = lines[place + 1] if place + 1 < len(lines) else ""
            if match and not after.startswith(f"{match[1]} "):
                lines[place] = f"{match[1]}{match[2]}: {json.dumps(text)}"
        folder.write(file, "\n".join(lines) + "\n")
    for file, words in (
        ("actors.csv", ("Aldland", "Bruland")),
        ("sources.csv", ("Yearbook 2025",)),
    ):
        whole = folder.text(file)
        for word in words:
            whole = whole.replace(word, f"{word}{text}")
        folder.write(file, whole)
    return folder.path


def everything_shown(path: Path) -> str:
    """Return what a terminal gets of a dossier, without the styles that are ours."""
    study = cr.assess(cr.load(path), draws=5)
    console = Console(
        file=io.StringIO(),
        width=150,
        force_terminal=True,
        markup=False,
        highlight=False,
        emoji=False,
        color_system=None,
    )
    draw_study(console, study, "toy", "results")
    draw_claims(console, study.dossier)
    draw_levers(console, study.dossier)
    for name in study.judged:
        draw_explanation(console, study, name)
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;]*m", "", console.file.getvalue())


def test_control_sequences_reach_no_terminal(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    path = planted(folder, EVIL)
    assert EVIL in cr.load(path).meta.title
    shown = everything_shown(path)
    assert "owned" in shown
    assert not set("\x1b\x07\x9b\x7f\u202e") & set(shown)
    for words in (
        ("check", str(path)),
        ("explain", str(path)),
        ("explain", str(path), "bru-shrinks", "--draws", "5"),
        ("explain", str(path), "bru-shrinks", "--draws", "5", "--json"),
        ("explain", str(path), EVIL),
        ("check", EVIL),
        ("pull", str(path), EVIL),
    ):
        result = crossroads(*words)
        assert not set("\x1b\x07\x9b\x7f\u202e") & set(result.output), words
    capsys.readouterr()
    emit_json({"text": EVIL})
    told = capsys.readouterr().out
    assert not set("\x1b\x07\x9b\x7f\u202e") & set(told)
    assert json.loads(told)["text"] == EVIL


def test_markup_is_text(folder: Folder) -> None:
    text = "[bold red]loud[/] [/nothing] [link=file:///x]here[/link] :bomb:"
    shown = everything_shown(planted(folder, text))
    assert "[bold red]loud[/] [/nothing]" in shown
    assert ":bomb:" in shown


def test_a_yaml_bomb_is_refused(folder: Folder) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    folder.add("claims.yaml", "\n".join(lines))
    assert ("yaml-alias", "claims.yaml") in checked_apart(folder.path)


def test_deep_nesting_is_refused(folder: Folder) -> None:
    folder.add("claims.yaml", "deep: " + "[" * 200_000)
    folder.add("levers.yaml", "deep: " + "{a: " * 200_000)
    found = checked_apart(folder.path)
    assert {("too-large", "claims.yaml"), ("too-large", "levers.yaml")} <= found


def test_huge_cells_are_refused(folder: Folder) -> None:
    folder.add("facts.csv", f"ALD,,population,,1,,,persons,2020,,yearbook-2025,,,{'x' * 50_000}")
    folder.add("flows.csv", f"goods,,ALD,BRU,1,,,USD,2020,,yearbook-2025,,{'x' * 10_000_000}")
    with (folder.path / "events.csv").open("ab") as stream:
        stream.truncate(65 * 2**20)
    found = checked_apart(folder.path)
    assert {("too-large", "facts.csv"), ("too-large", "events.csv")} <= found
    assert {("too-large", "flows.csv"), ("bad-csv", "flows.csv")} & found


def test_endless_rows_are_refused(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the bound lowered; 510,000 rows take half a minute and under 1,500 MiB to refuse."""
    assert tables.MAX_ROWS <= 500_000
    monkeypatch.setattr(tables, "MAX_ROWS", 1_000)
    folder.add("products.csv", "".join(f"p{number},x,,no,,,,,,,\n" for number in range(1_200)))
    found = folder.findings()
    assert ("too-large", "products.csv") in {(each.code, each.file) for each in found}


@pytest.mark.parametrize("number", [50, 20_000])
def test_a_hint_compares_few_of_many_names(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand hints over 4,900 names took 50 s of computing, and take 2 s."""
    compared: list[int] = []

    def counted(word: str, words: list[str], **options: Any) -> list[str]:
        compared.append(len(words))
        return matches(word, words, **options)

    matches = difflib.get_close_matches
    monkeypatch.setattr(difflib, "get_close_matches", counted)
    names = {f"{digest(place)[:12]}-{place}" for place in range(number)}
    name = f"{digest(7)[:12]}-7"
    for wrong in (f"{name}x", f"x{name}", f"x{name[1:]}", f"{name[:6]}x{name[7:]}", name[:-2]):
        assert did_you_mean(wrong, names) == f"did you mean '{name}'?"
        assert did_you_mean(wrong, names) == f"did you mean '{name}'?"
    assert len(compared) == 5, "a hint is not remembered"
    assert max(compared) <= 200


def test_problems_are_told_up_to_a_bound(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("facts.csv", "flows.csv"):
        assert len(folder.text(file).splitlines()) > 20
        folder.write(file, folder.text(file).replace("yearbook-2025", "nowhere"))
    folder.write("levers.yaml", folder.text("levers.yaml").replace("origin: CYR", "origin: XYZ"))
    whole = folder.checked()
    assert "too-large" not in {each.code for each in whole}
    monkeypatch.setattr(tables, "MAX_TOLD", 10)
    for found in (folder.findings(), folder.checked()):
        assert len(found) == 10
        assert [each.file for each in found if each.code == "too-large"] == ["dossier.yaml"]
        assert any("over 10 problems; what follows" in each.message for each in found)
    with pytest.raises(cr.DossierError) as caught:
        folder.load()
    assert len(caught.value.findings) == 10


def test_no_text_makes_a_parser_hang() -> None:
    vocabulary = package_vocabulary()
    texts = [
        *("(" * 20_000, "kg^" * 6_000, "m/s" * 6_000, "USD " * 5_000, "9" * 20_000),
        *("1," * 9_000, "1" + " " * 19_000 + "x", "1e" * 9_000, "-" * 20_000, "1,111" * 4_000),
        *("2024-" * 4_000, "2024/" * 4_000, "a" * 20_000, "." * 20_000, "1." * 9_000 + "kg"),
    ]
    columns = [Column(kind, kind, "") for kind in ("unit", "number", "integer", "date", "period")]
    columns += [Column(kind, kind, "") for kind in ("id", "bool", "refs", "texts")]
    started = time.process_time()
    for text in texts:
        for column in columns:
            with contextlib.suppress(CellError):
                cell(text, column, vocabulary)
        for word in (text, f"7 {text}"):
            with contextlib.suppress(CellError):
                quantity(word, vocabulary)
    assert time.process_time() - started < 5


def test_forged_studies_are_refused(tmp_path: Path) -> None:
    for place, text in enumerate(("", "{", "[" * 100_000, '{"verdicts": [[]]}', "\x00", "NaN")):
        folder = tmp_path / str(place)
        folder.mkdir()
        for file in ("study.json", "verdicts.json"):
            (folder / file).write_text(text, encoding="utf-8")
        result = crossroads("diff", str(folder), str(folder))
        assert result.exit_code == 2, text
        assert "Traceback" not in result.output


def test_results_name_no_place_or_person(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("USER", "somebody-here")
    monkeypatch.setenv("LOGNAME", "somebody-here")
    done = crossroads("assess", "toy", "--draws", "5", "--out", "out", "--json")
    assert done.exit_code == 0
    words = [str(tmp_path), str(Path.home()), str(SOURCE), socket.gethostname(), getpass.getuser()]
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert len(files) == 7
    for name, data in (files | {"--json": done.stdout.encode()}).items():
        for word in words:
            assert len(word) < 5 or word.encode() not in data, (name, word)
