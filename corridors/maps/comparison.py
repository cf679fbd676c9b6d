"""Two networks on one map: whose states differ, what only one of them has, what figures changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.maps import layers, style, tables_html
from corridors.maps.encode import clean

if TYPE_CHECKING:
    from corridors.maps.layers import Drawing
    from corridors.network import Network

_FIGURES = {
    "length_km": "Length, km",
    "gauge_mm": "Gauge, mm",
    "tracks": "Tracks",
    "electrification": "Electrification",
    "capacity_t_per_year": "Capacity, t a year",
    "operator_id": "Operator",
    "mode": "Mode",
    "country": "Country",
    "oneway": "One way",
    "from_place": "From",
    "to_place": "To",
}


@dataclass(frozen=True)
class Comparison:
    """A network and another one beside it.

    Parameters
    ----------
    base, other : Network
        Each on its day.
    names : tuple of str
        What to call them.
    """

    base: Network
    other: Network
    names: tuple[str, str]

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Links of both by id; columns end in ``_base`` and ``_other``."""
        base, other = (
            net.links.drop(columns="geometry").set_index("link_id").add_suffix(suffix)
            for net, suffix in zip(self._nets, ("_base", "_other"), strict=True)
        )
        return base.join(other, how="outer")

    @property
    def _nets(self) -> tuple[Network, Network]:
        return self.base, self.other

    def changed_figures(self) -> dict[str, list[list[str]]]:
        """Link id to figures that are not the same: heading, before, after."""
        both = self.pairs.dropna(subset=["line_id_base", "line_id_other"])
        found: dict[str, list[list[str]]] = {}
        for name, heading in _FIGURES.items():
            before, after = both[f"{name}_base"], both[f"{name}_other"]
            same = (before == after) | (before.isna() & after.isna())
            for link, old, new in zip(both.index[~same], before[~same], after[~same], strict=True):
                cells = [tables_html.figure(old), tables_html.figure(new)]
                found.setdefault(str(link), []).append([heading, *cells])
        return found

    def differing(self) -> list[str]:
        """Ids of links whose state or figures differ or that one network lacks, sorted."""
        state = self.pairs["state_base"].fillna("") != self.pairs["state_other"].fillna("")
        return sorted({*self.pairs.index[state], *self.changed_figures()})

    def side(self, scene: Drawing) -> dict[str, Any]:
        """The other network as the page's script wants it: where it is not like the first.

        Returns
        -------
        dict
            Its name and day, rows it lacks, subjects whose dated states are others, and figures
            that changed, by row of the link table.
        """
        own, theirs = layers.histories(scene), layers.histories(scene, self.other)
        return {
            **bare_side(scene, self.other, self.names[1]),
            "history": {
                name: theirs.get(name, [])
                for name in sorted({*own, *theirs})
                if own.get(name) != theirs.get(name)
            },
            "changes": {
                str(scene.link_row[link]): cells for link, cells in self.changed_figures().items()
            },
        }

    def table(self) -> str:
        """What differs, link by link, as a table for the page."""
        figures = self.changed_figures()
        rows = [
            (
                self.base.label(link) if known else self.other.label(link),
                line,
                _state(before),
                _state(after),
                km,
                "; ".join(f"{name}: {old} → {new}" for name, old, new in figures.get(link, ())),
            )
            for link, known, line, before, after, km in self._cells()
        ]
        head = ("Link", "Line", *self.names, "km", "Other differences")
        return tables_html.table(f"{clean(self.names[1])}: {len(rows)} links differ", head, rows)

    def _cells(self) -> list[tuple[Any, ...]]:
        table = self.pairs.loc[self.differing()]
        return list(
            zip(
                table.index,
                table["line_id_base"].notna(),
                table["line_name_base"].fillna(table["line_name_other"]),
                table["state_base"],
                table["state_other"],
                table["length_km_other"].fillna(table["length_km_base"]),
                strict=True,
            )
        )


def _state(value: object) -> str:
    return style.STATE_WORDS.get(str(value), str(value)) if isinstance(value, str) else "not there"


def bare_side(scene: Drawing, net: Network, name: str) -> dict[str, Any]:
    """A network as the page's script wants it: its name and day, and the rows it lacks."""
    return {
        "title": clean(name),
        "day": net.as_of.isoformat(),
        "no_links": _lacking(scene.links["link_id"], net.link_table["link_id"]),
        "no_places": _lacking(scene.places["place_id"], net.place_table["place_id"]),
        "history": None,
        "changes": {},
    }


def _lacking(drawn: pd.Series[str], own: pd.Series[str]) -> list[int]:
    missing = ~drawn.isin(own).to_numpy(bool)
    return [int(row) for row in missing.nonzero()[0]]
