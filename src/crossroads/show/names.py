"""Names for readers: items, indicators and rows of a dossier in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossroads.dossier import Dossier
from crossroads.show.text import plain

__all__ = ["item_words", "row_words"]


def item_words(item: str, dossier: Dossier, counterpart: str = "") -> str:
    """Return an indicator's item in words: ``goods:wheat`` is ``goods: Wheat``.

    ``counterpart`` is an actor to name beside it.
    """
    products = dossier.product_names
    measures = dossier.vocabulary.measures

    def part(text: str) -> str:
        kind, _, product = text.partition(":")
        name = measures[kind].label if kind in measures else kind.replace("_", " ")
        return f"{name}: {products.get(product, product)}" if product else name

    first, _, over = item.partition("/")
    words = "all together" if first == "all" else part(first)
    if counterpart:
        words += f" with {dossier.name_of(counterpart)}"
    if not over:
        return plain(words)
    return plain(f"of {part(over)}" if first == "all" else f"{words}, of {part(over)}")


def row_words(table: str, row: Mapping[str, Any], dossier: Dossier) -> str:
    """Return what a row is about, without its figures."""
    said = _WORDS.get(table, _key_words)(row, dossier)
    return plain(said)


def _product(row: Mapping[str, Any], dossier: Dossier) -> str:
    if not row.get("product"):
        return ""
    return f": {dossier.product_names.get(row['product'], row['product'])}"


def _fact(row: Mapping[str, Any], dossier: Dossier) -> str:
    label = dossier.vocabulary.measures[row["measure"]].label
    other = f" with {dossier.name_of(row['counterpart'])}" if row["counterpart"] else ""
    return f"{dossier.name_of(row['actor'])}{other}, {label}{_product(row, dossier)}"


def _flow(row: Mapping[str, Any], dossier: Dossier) -> str:
    ends = f"{dossier.name_of(row['origin'])} to {dossier.name_of(row['destination'])}"
    return f"{row['layer']}{_product(row, dossier)}, {ends}"


def _lever(row: Mapping[str, Any], dossier: Dossier) -> str:
    default = ", the package's default" if row["origin"] == "default" else ""
    return f"{row['figure']} of change {row['change']} of {row['lever']}{default}"


def _event(row: Mapping[str, Any], dossier: Dossier) -> str:
    return f"{row['date']}, {row['type']}: {row['what']}"


def _transfer(row: Mapping[str, Any], dossier: Dossier) -> str:
    parts = [f"{dossier.name_of(row['supplier'])} to {dossier.name_of(row['recipient'])}"]
    parts.append(row["designation"])
    for name in ("number_ordered", "number_delivered", "year_of_order"):
        if row[name] is not None:
            parts.append(f"{name.replace('_', ' ')} {row[name]:g}")
    return f"{', '.join(parts)}; {row['evidence']}, {row['edition']}"


def _membership(row: Mapping[str, Any], dossier: Dossier) -> str:
    state, bloc = (dossier.name_of(row[each]) for each in ("state", "bloc"))
    return f"{state} in {bloc}: {row['status']}, {_since(row)}"


def _relation(row: Mapping[str, Any], dossier: Dossier) -> str:
    ends = f"{dossier.name_of(row['a'])} and {dossier.name_of(row['b'])}"
    title = f", {row['title']}" if row["title"] else ""
    return f"{ends}: {row['kind']} ({row['sign']}){title}, {_since(row)}"


def _since(row: Mapping[str, Any]) -> str:
    return f"{row['start']} to {row['end']}" if row["end"] else f"since {row['start']}"


def _key_words(row: Mapping[str, Any], dossier: Dossier) -> str:
    return str(row["row"]).partition(":")[2]


_WORDS = {
    "facts": _fact,
    "flows": _flow,
    "levers": _lever,
    "events": _event,
    "transfers": _transfer,
    "memberships": _membership,
    "relations": _relation,
}
