"""Really different routes between two places, and what tells them apart.

How they are found is in :mod:`corridors.routing.different`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.errors import ArgumentError
from corridors.numeric import is_number
from corridors.routing.different import different_paths
from corridors.routing.route import Route, Routes
from corridors.routing.terms import WeighedAsk, terms
from corridors.schema import INTERNATIONAL_WATERS
from corridors.words import COUNTRY_NAMES

if TYPE_CHECKING:
    from typing import Unpack

    from corridors.network import Network
    from corridors.routing.ends import PlaceLike

DISTINCT = ("length", "gates")
"""What may make routes different."""


@dataclass(frozen=True)
class Alternatives(Routes):
    """Different routes between two places, best first; a sequence of :class:`Route`.

    Parameters
    ----------
    routes : tuple of Route
    costs : tuple of float
        Weight of each route, in the unit of ``weight``.
    weight : str
        What was made least.
    asked : int
        How many routes were asked for; fewer are given where no others differ enough.
    """

    routes: tuple[Route, ...]
    costs: tuple[float, ...]
    weight: str
    asked: int

    @cached_property
    def overlap(self) -> pd.DataFrame:
        """Shared length of each two routes, as a share of the shorter one's length (0 to 1)."""
        return pd.DataFrame(
            [[overlap(one, two) for two in self.routes] for one in self.routes],
            index=range(1, len(self) + 1),
            columns=range(1, len(self) + 1),
        )

    @property
    def words(self) -> list[str]:
        """For each route, what distinguishes it from the best one."""
        return [
            difference(route, self.routes[0], cost - self.costs[0], self.weight)
            for route, cost in zip(self.routes, self.costs, strict=True)
        ]

    @property
    def table(self) -> pd.DataFrame:
        """One row a route.

        ``rank``, ``cost`` (in the unit of the weight), ``stretch`` (cost over that of the best),
        ``length_km``, ``hours`` and ``usd_per_t`` (central; NaN where the data hold no parameters),
        ``modes``, ``countries`` (km each), ``crossings``, ``ferries``,
        ``gauge_breaks``, ``overlap`` (largest with a better route, 0 to 1), ``difference``.
        """
        shared = self.overlap.to_numpy()
        rows = [
            {
                "rank": rank + 1,
                "cost": round(cost, 3),
                "stretch": round(cost / self.costs[0], 4) if self.costs[0] else 1.0,
                "length_km": round(route.length_km, 3),
                "hours": round(route.hours, 2) if route.network.costs else np.nan,
                "usd_per_t": round(route.usd_per_t, 2) if route.network.costs else np.nan,
                "modes": " ".join(route.by_mode),
                "countries": ", ".join(f"{c} {km:.0f}" for c, km in route.by_country.items()),
                "crossings": " ".join(border.place_id for border in route.borders),
                "ferries": " ".join(_ferries(route)),
                "gauge_breaks": len(route.gauge_breaks),
                "overlap": round(float(shared[rank, :rank].max()), 4) if rank else 0.0,
                "difference": words,
            }
            for rank, (route, cost, words) in enumerate(
                zip(self.routes, self.costs, self.words, strict=True)
            )
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON."""
        return {
            "weight": self.weight,
            "asked": self.asked,
            "alternatives": [
                row | {"route": route.to_dict()}
                for row, route in zip(self.table.to_dict("records"), self.routes, strict=True)
            ],
        }

    def explain(self) -> str:
        """The routes in words, one line each."""
        first = self.routes[0]
        lines = [f"{first.origin} to {first.destination} on {first.as_of}, by {self.weight}:"]
        lines += [f"{rank}. {words}" for rank, words in enumerate(self.words, start=1)]
        if len(self) < self.asked:
            lines.append(f"{self.asked} were asked for; no other route differs enough.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        first = self.routes[0]
        return f"<{len(self)} alternatives {first.origin} → {first.destination}>"

    def _repr_html_(self) -> str:
        return "".join(f"<p>{escape(line)}</p>" for line in self.explain().splitlines())


def alternatives(
    net: Network,
    a: PlaceLike,
    b: PlaceLike,
    *,
    k: int = 4,
    max_overlap: float = 0.6,
    max_stretch: float = 2.0,
    distinct_by: str = "length",
    **options: Unpack[WeighedAsk],
) -> Alternatives:
    """Really different routes from ``a`` to ``b``, best first.

    Parameters
    ----------
    net : Network
    a, b : place
        As in :meth:`.Network.route`.
    k : int
        How many routes to look for, 1 or more.
    max_overlap : float
        How much of the length of the shorter of any two routes they may share, 0 to 1; where
        OpenStreetMap draws tracks one by one, the track beside counts as shared. Ways that
        differ only in the middle (two Caspian ports) need a larger bound than whole corridors:
        Kostanay to Yerevan over Aktau and over Kuryk share 84 %.
    max_stretch : float
        How much heavier than the best a route may be, 1 or more.
    distinct_by : {"length", "gates"}
        What makes a route different, beside ``max_overlap``: nothing more; or that it passes a
        gate, a border crossing or a ferry, that no better one passes. With gates a large overlap
        gives other ports and borders, not other sidings.
    **options
        ``modes``, ``commodity``, ``as_of``, ``avoid``, ``weight``, ``max_snap_km``,
        ``cargo_origin``, ``cargo_destination`` as in :meth:`.Network.route`.

    Returns
    -------
    Alternatives
        At least one route; fewer than ``k`` where no others differ enough.

    Raises
    ------
    NoRoute
        If there is no route at all.
    ArgumentError
        If an argument cannot be used.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> ways = net.alternatives("Aktau", "Poti", k=2, modes=["rail", "ferry"])
    >>> len(ways)
    2

    Ports and borders, though most of the way is the same:

    >>> ask = {"modes": ["rail", "ferry"], "commodity": "wheat", "weight": "generalised"}
    >>> ways = net.alternatives(
    ...     "Kostanay", "Yerevan", k=3, max_overlap=0.9, distinct_by="gates", **ask
    ... )
    >>> ways.table["ferries"].tolist()
    ['aktau-alat-ferry', 'kuryk-alat-ferry', '']
    """
    check_bounds(k, max_overlap, max_stretch)
    if distinct_by not in DISTINCT:
        raise ArgumentError(
            f"distinct_by={distinct_by!r} is unknown; available: {', '.join(DISTINCT)}"
        )
    asked = terms(net, **options)
    ends = asked.end(a, "a"), asked.end(b, "b")
    shipment = asked.shipment(*ends)
    paths = different_paths(
        asked, *ends, shipment=shipment, k=k, max_overlap=max_overlap, max_stretch=max_stretch,
        distinct_by=distinct_by,
    )  # fmt: skip
    if not paths:
        raise asked.no_route(*ends)
    return Alternatives(
        tuple(asked.route([path], ends, shipment) for path in paths),
        tuple(path.cost for path in paths),
        asked.weight,
        k,
    )


def check_bounds(k: int, max_overlap: float, max_stretch: float) -> None:
    """Raise an ArgumentError that names the argument which cannot be used."""
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise ArgumentError(f"k={k!r} must be a whole number of routes, 1 or more")
    if not (is_number(max_overlap) and 0 <= max_overlap <= 1):
        raise ArgumentError(f"max_overlap={max_overlap!r} must be a share from 0 to 1")
    if not (is_number(max_stretch) and 1 <= max_stretch < np.inf):
        raise ArgumentError(f"max_stretch={max_stretch!r} must be a factor, 1 or more")


# -- words -------------------------------------------------------------------------------------


def overlap(one: Route, two: Route) -> float:
    """Length that two routes share, as a share of the shorter one's length; 0 to 1."""
    shorter = min(one.length_km, two.length_km)
    if shorter <= 0:
        return float(one.link_ids == two.link_ids)
    km = dict(zip(one.link_ids, one.legs["length_km"], strict=True))
    shared = sum(km.get(name, 0.0) for name in dict.fromkeys(two.link_ids))
    return min(1.0, float(shared) / shorter)


def difference(route: Route, best: Route, extra: float, weight: str) -> str:
    """What a route passes that the best one does not, and what it costs more.

    Parameters
    ----------
    route, best : Route
        ``route`` may be the best itself: it is then described by what it passes.
    extra : float
        Weight above that of the best.
    weight : str
        Name of the weight.
    """
    if route.legs.empty:
        return "start and end are the same place"
    if route is best:
        names = [f"{b.name} ({b.from_country}→{b.to_country})" for b in route.borders]
        parts = [f"{route.length_km:,.0f} km by {_modes(route)}", *_listed("over", names)]
        parts += _listed("ferry", _ferry_names(route))
        parts.append(_gauge_words(route))
        return "; ".join(parts)
    parts = _set_words("over", [b.name for b in route.borders], [b.name for b in best.borders])
    parts += _set_words("by ferry", _ferry_names(route), _ferry_names(best))
    parts += _set_words("through", _countries(route), _countries(best))
    if _modes(route) != _modes(best):
        parts.append(f"by {_modes(route)}")
    breaks = len(route.gauge_breaks) - len(best.gauge_breaks)
    if breaks:
        parts.append(f"{abs(breaks)} gauge break(s) {'more' if breaks > 0 else 'fewer'}")
    if not parts:
        parts = _listed("by", _lines(route, best)) or _listed("via", _stations(route, best))
    parts.append(f"{route.length_km - best.length_km:+,.0f} km")
    parts += _cost_words(route, best)
    if weight == "generalised":
        parts.append(f"{extra:+,.1f} USD/t with its hours")
    return "; ".join(parts)


def _cost_words(route: Route, best: Route) -> list[str]:
    """Hours and dollars more, where the data hold parameters for them."""
    if not route.network.costs:
        return []
    words = [f"{route.hours - best.hours:+,.0f} h"]
    dollars = route.usd_per_t - best.usd_per_t
    return words if np.isnan(dollars) else [*words, f"{dollars:+,.1f} USD/t"]


def _set_words(word: str, here: list[str], there: list[str]) -> list[str]:
    new = [name for name in here if name not in there]
    gone = [name for name in there if name not in here]
    text = f"{word} {', '.join(new)}" if new else ""
    if gone:
        text += f"{' ' if new else ''}{'instead of' if new else f'not {word}'} {', '.join(gone)}"
    return [text] if text else []


def _listed(word: str, names: list[str]) -> list[str]:
    return [f"{word} {', '.join(names)}"] if names else []


def _modes(route: Route) -> str:
    return " and ".join(mode for mode in route.by_mode if mode in {"rail", "road", "ferry"})


def _countries(route: Route) -> list[str]:
    return [
        COUNTRY_NAMES.get(code, code) for code in route.by_country if code != INTERNATIONAL_WATERS
    ]


def _ferries(route: Route) -> list[str]:
    legs = route.legs
    return list(dict.fromkeys(legs.loc[legs["mode"] == "ferry", "line_id"]))


def _ferry_names(route: Route) -> list[str]:
    legs = route.legs
    return list(dict.fromkeys(legs.loc[legs["mode"] == "ferry", "line"]))


def _lines(route: Route, best: Route) -> list[str]:
    """Up to three named lines that the best route does not use, longest first."""
    legs = route.legs
    other = legs[~legs["link_id"].isin(best.link_ids) & ~legs["line"].str.startswith("unnamed ")]
    km = other.groupby("line")["length_km"].sum().sort_values(ascending=False, kind="stable")
    return [str(name) for name in km.index[:3] if name not in set(best.legs["line"])]


def _stations(route: Route, best: Route) -> list[str]:
    """The named place halfway along what the best route does not pass, if there is one."""
    other = ~route.legs["link_id"].isin(best.link_ids)
    passed = {*best.legs["from"], *best.legs["to"]}
    legs = route.legs[other & ~route.legs["to"].isin(passed)]
    table = route.network.place_table
    named = set(table["name_en"][table["name_en"] != table["place_id"]])
    names = [str(name) for name in legs["to"] if name in named]
    return names[len(names) // 2 :][:1]


def _gauge_words(route: Route) -> str:
    breaks = [f"{g.name} ({g.from_gauge_mm}→{g.to_gauge_mm} mm)" for g in route.gauge_breaks]
    return f"gauge break {', '.join(breaks)}" if breaks else "no gauge break"
