"""The reference pages are those that the package would write, and nothing is missing in them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

import crossroads as cr
from crossroads import errors, schema
from crossroads.levers.change import KINDS
from tests.docs.pages import BUILD, ROOT


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next of its level or a higher one."""
    level = heading.index(" ")
    assert f"\n{heading}\n" in text, f"there is no heading '{heading}'"
    rest = text.partition(f"\n{heading}\n")[2]
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def missing(words: Iterable[str], text: str) -> list[str]:
    """Return the words that do not begin a row of a table."""
    rows = {row.partition("|")[2].partition("|")[0].strip() for row in text.splitlines()}
    told = {word for row in rows for word in re.findall(r"`([^`]+)`", row)}
    return [word for word in words if word not in told]


@pytest.mark.parametrize("name", BUILD.PAGES)
def test_page_is_what_the_package_would_write(name: str) -> None:
    written = BUILD.PAGES[name]()
    assert (ROOT / name).read_text(encoding="utf-8") == written, "run make docs"


def test_every_page_in_the_folder_is_written() -> None:
    held = {path.name for path in (ROOT / "docs" / "reference").glob("*.md")}
    assert held == {name.rpartition("/")[2] for name in BUILD.PAGES if "/" in name}


def test_every_table_and_column_is_documented() -> None:
    text = page("dossier-tables.md")
    for name, spec in schema.table_specs().items():
        assert not missing(spec.columns, section(text, f"## {name}"))


def test_every_field_of_an_entry_is_documented() -> None:
    text = page("dossier-entries.md")
    for file in schema.entry_files().values():
        assert not missing(file.fields, section(text, f"## {file.file}"))
        for entry, fields in file.entries.items():
            assert not missing(fields, section(text, f"### {file.file}: {entry}"))


def test_every_kind_of_lever_is_documented() -> None:
    assert not missing(KINDS, section(page("dossier-entries.md"), "## Kinds of change"))


def test_every_word_of_the_vocabularies_is_documented() -> None:
    known, text = schema.package_vocabulary(), page("vocabularies.md")
    for heading, words in {
        "Units": known.units,
        "Measures": known.measures,
        "Wordings": known.wordings,
        "Reliability": known.reliability,
        "Enforcement": {each.change for each in known.enforcement},
    }.items():
        assert not missing(words, section(text, f"## {heading}"))


def test_every_finding_is_documented() -> None:
    assert not missing(schema.finding_codes(), page("findings.md"))


def test_every_engine_and_indicator_is_documented() -> None:
    for engine in cr.ENGINES:
        told = section(page("indicators.md"), f"## {engine.name}")
        assert not missing((each.id for each in engine.provides), told)


def test_every_command_and_option_is_documented() -> None:
    text = page("cli.md")
    root = BUILD.root_command()
    for words, command in BUILD._commands(root):
        told = section(text, f"## crossroads {' '.join(words)}")
        assert command.help
        for parameter in command.params:
            spelled = [*parameter.opts, *parameter.secondary_opts]
            if parameter.param_type_name == "option":
                assert not missing(spelled, told)
            assert parameter.help, f"{words}: {spelled} says nothing"


def test_every_exit_status_is_documented() -> None:
    known = {
        each.exit_code
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.CrossroadsError)
    }
    commands = ROOT / "src" / "crossroads" / "cli"
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(commands.glob("*.py")))
    known |= {int(each) for each in re.findall(r"(?:exit|Exit)\((\d+)\)", source)}
    known |= {int(each) for each in re.findall(r"^_[A-Z_]+ = (\d+)$", source, re.MULTILINE)}
    told = section(page("cli.md"), "## Exit status")
    assert known | {0} == {int(each) for each in re.findall(r"^\| (\d+) \|", told, re.MULTILINE)}


def test_every_public_name_is_documented() -> None:
    text = page("python.md")
    assert [name for name in cr.__all__ if f"\n### {name}\n" not in text] == []


def test_every_module_stands_in_the_architecture() -> None:
    source = ROOT / "src"
    modules = {
        ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
        for path in source.rglob("*.py")
    }
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert not missing(sorted(modules), section(text, "## Modules"))
    assert set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE)) == modules
