"""How much of given flows is still served as closures accumulate, the worst first or at random."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.analysis.described import records
from corridors.analysis.effects import Exposed, exposed
from corridors.analysis.meter import MEASURES
from corridors.analysis.vital import greedy
from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from typing import Unpack

    from corridors.charts import Chart
    from corridors.flow import Flow
    from corridors.network import Network
    from corridors.routing.graph import FloatArray
    from corridors.routing.terms import WeighedAsk

ORDERS = ("worst", "random")
_SERVED = ("served_t", *(f"extra_{name}" for name in MEASURES))


@dataclass(frozen=True)
class Resilience:
    """The curve of tonnes served as closures accumulate.

    Parameters
    ----------
    net : Network
        On the day asked for.
    of : {"links", "crossings"}
    order : {"worst", "random"}
    tonnes : float
        Of all flows.
    table : DataFrame
        One row a number of closures, from 0: ``closures``; ``closed`` (the id closed in this step;
        missing where the order is random); ``served_t`` (mean over the repetitions),
        ``served_t_low`` and ``served_t_high`` (least and most of them), ``served_share`` of all
        tonnes; ``extra_km``, ``extra_hours`` and ``extra_usd_per_t`` (mean over the tonnes served,
        beyond today's ways, and over the repetitions that serve any; NaN where none does).
    seed, repetitions : int or None
        Of the random order.
    skipped : dict of str to str
        Flows left out, with the reason.
    """

    net: Network
    of: str
    order: str
    tonnes: float
    table: pd.DataFrame
    seed: int | None
    repetitions: int | None
    skipped: dict[str, str]
    _exposed: Exposed = field(repr=False)

    def explain(self) -> str:
        """The curve in sentences."""
        many = f"{len(self._exposed.loads)} flows of {self.tonnes:,.0f} t"
        head = f"{many} on {self.net.as_of}, {self.of} closed "
        if self.order == "worst":
            head += "one after the other, the worst each time:"
        else:
            head += f"at random ({self.repetitions} repetitions, seed {self.seed}):"
        steps = [f"  {self._step(row)}" for row in self.table.to_dict("records")]
        return "\n".join([head, *steps, *self._exposed.notes()])

    def _step(self, row: Mapping[Any, Any]) -> str:
        done = "today" if not row["closures"] else f"after {row['closures']}"
        if isinstance(row["closed"], str):
            done += f", {self.net.label(row['closed'])}"
        text = f"{done}: {row['served_t']:,.0f} t served ({row['served_share']:.0%})"
        if row["served_t_low"] < row["served_t_high"]:
            text += f", from {row['served_t_low']:,.0f} to {row['served_t_high']:,.0f}"
        if row["closures"] and not np.isnan(row["extra_km"]):
            text += f", {row['extra_km']:,.0f} km farther on average"
        return text

    def chart(self) -> Chart:
        """The curve: million tonnes served against the number of closures."""
        from corridors.analysis.cut_charts import curve_chart

        what = "the worst first" if self.order == "worst" else "at random"
        return curve_chart(
            self.table, self.tonnes,
            f"Served as {self.of} close, {what}, {self.net.as_of}", f"Number of {self.of} closed",
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Plain values that can be written as JSON."""
        return {
            "as_of": self.net.as_of.isoformat(),
            "of": self.of,
            "order": self.order,
            "tonnes": self.tonnes,
            "seed": self.seed,
            "repetitions": self.repetitions,
            "skipped": self.skipped,
            "sources": list(self._exposed.sources),
            "curve": records(self.table),
        }

    def __repr__(self) -> str:
        last = self.table.iloc[-1]
        return (
            f"<Resilience of {self.tonnes:,.0f} t on {self.net.as_of}: {last['served_t']:,.0f} t "
            f"served after {last['closures']} {self.of} closed, {self.order}>"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self)[1:-1])}</p>" + self.table.to_html(index=False)


def resilience(
    net: Network,
    flows: Iterable[Flow] | Mapping[str, Flow] | pd.DataFrame,
    order: str = "worst",
    n: int = 10,
    *,
    of: str = "links",
    seed: int = 0,
    repetitions: int = 100,
    progress: bool = True,
    **options: Unpack[WeighedAsk],
) -> Resilience:
    """How much of some flows is still served as one link or crossing after another closes.

    Parameters
    ----------
    net : Network
    flows : Flows or DataFrame
        As in :meth:`.Network.assign`; flows whose tonnes are not known are left out.
    order : {"worst", "random"}
        The worst closure each time, given those before it (see :meth:`.Network.interdict`); it
        ends where none does more harm. Or a random one, each usable link (or crossing) as likely
        as any other.
    n : int
        How many closures at most, from 1.
    of : {"links", "crossings"}
        What is closed. Crossings are border points (tracks side by side are one) and the ports of
        sea ferries; closing one closes every link through it.
    seed : int
        Of the random order; the same seed gives the same table, bit for bit.
    repetitions : int
        How many random orders are tried.
    progress : bool
        Show a bar where it takes over two seconds.
    **options
        As in :meth:`.Network.interdict`.

    Returns
    -------
    Resilience

    Raises
    ------
    ArgumentError, UnknownSubjectError
        If there are no flows, or an argument cannot be used; the message names it.

    Notes
    -----
    Attack and failure of networks after Albert, Jeong and Barabási (2000), measured by tonnes
    served and detours instead of the largest component.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> curve = net.resilience(co.flows(), n=3, of="crossings").table
    >>> curve["served_share"].round(2).tolist()
    [1.0, 0.63, 0.32, 0.13]
    """
    if order not in ORDERS:
        raise ArgumentError(f"order={order!r} is unknown; available: {', '.join(ORDERS)}")
    for name, value, least in (("n", n, 1), ("repetitions", repetitions, 1), ("seed", seed, 0)):
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ArgumentError(f"{name}={value!r} must be a whole number from {least}")
    found = exposed(net, flows, of, options)
    if order == "worst":
        table = _worst(found, n)
    else:
        table = _random(found, n, seed, repetitions, progress=progress)
    drawn = order == "random"
    return Resilience(
        found.net, of, order, found.tonnes, table, seed if drawn else None,
        repetitions if drawn else None, found.skipped, found,
    )  # fmt: skip


def _worst(found: Exposed, n: int) -> pd.DataFrame:
    closed: list[int] = [0]
    names: list[str | None] = [None]
    for step in greedy(found.detours, n):
        names += found.detours.targets.ids(step.closed & ~closed[-1])
        closed.append(step.closed)
    served = np.stack([found.served(one) for one in closed])
    return _table(found, names, served[None])


def _random(found: Exposed, n: int, seed: int, repetitions: int, *, progress: bool) -> pd.DataFrame:
    from tqdm import tqdm

    # Every single link (or crossing) is as likely as any other, also where several do the same.
    targets = found.detours.targets
    bits = [1 << number for number, alike in enumerate(targets.names) for _ in alike]
    draws = np.random.default_rng(seed)
    bar = tqdm(
        range(repetitions), desc="random closures", unit="order", delay=2, leave=False,
        disable=not progress,
    )  # fmt: skip
    served = [
        np.stack([found.served(closed) for closed in _accumulated(bits, draws, n)]) for _ in bar
    ]
    nameless: list[str | None] = [None] * len(served[0])
    return _table(found, nameless, np.stack(served))


def _accumulated(bits: list[int], draws: np.random.Generator, n: int) -> Iterator[int]:
    """Sets of closures, each with one more than the one before, from none on."""
    closed = 0
    yield closed
    for number in draws.permutation(len(bits))[:n].tolist():
        closed |= bits[number]
        yield closed


def _table(found: Exposed, closed: list[str | None], served: FloatArray) -> pd.DataFrame:
    """The curve from what is served: repetitions × closures × (tonnes, mean extras)."""
    tonnes = served[:, :, 0]
    with np.errstate(invalid="ignore"):
        some = ~np.isnan(served[:, :, 1:])
        extra = np.where(some, served[:, :, 1:], 0.0).sum(axis=0) / some.sum(axis=0)
    columns = {
        "closures": np.arange(len(closed)),
        "closed": pd.Series(closed, dtype=object),
        "served_t": tonnes.mean(axis=0),
        "served_t_low": tonnes.min(axis=0),
        "served_t_high": tonnes.max(axis=0),
        "served_share": tonnes.mean(axis=0) / (found.tonnes or np.nan),
    }
    return pd.DataFrame(columns | dict(zip(_SERVED[1:], extra.T, strict=True)))
