"""What a report says, before it is a page or Markdown: sections of texts, tables and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from corridors.comparison import drawings, prices, rows, words
from corridors.comparison.cases import BASE, Case
from corridors.comparison.citations import Source, cited

if TYPE_CHECKING:
    from corridors.charts import Chart
    from corridors.comparison.result import Comparison
    from corridors.maps import CorridorMap

_FEW = 6
"""Flows told one by one in the summary."""
_DRAWN = 12
"""Flows in a chart."""
_MOST = 40
"""Rows of a table in the body of a report; the workbook has all of them."""


@dataclass(frozen=True)
class Bullets:
    """Lines of a list."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A table: a caption, the names of the columns, and cells that are text or numbers.

    ``digits`` gives the places after the point of each column of numbers.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    digits: Sequence[int] = ()


@dataclass(frozen=True)
class Cited:
    """A list of sources."""

    sources: Sequence[Source]


Part: TypeAlias = "str | Heading | Bullets | Grid | Chart | CorridorMap | Cited"


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    title: str
    parts: list[Part] = field(default_factory=list)


def heading(comparison: Comparison) -> str:
    """The question, or the titles of the scenarios."""
    if comparison.question:
        return comparison.question
    asked = [case.card.question for case in comparison.cases if case.card and case.card.question]
    return asked[0] if len(asked) == 1 else " · ".join(c.title for c in comparison.cases[1:])


def standfirst(comparison: Comparison) -> str:
    """Under the heading: what was compared, on which day, by what."""
    names = ", ".join(case.title for case in comparison.cases[1:]) or "nothing"
    drawn = comparison.ranges
    text = (
        f"The network of {comparison.network.as_of} beside: {names}. "
        f"{len(comparison.cases[0].flows)} flows by least {words.WEIGHT_WORDS[comparison.weight]}"
    )
    return text + (f"; {drawn.draws:,} draws, seed {drawn.seed}." if drawn else ".")


def sections(comparison: Comparison) -> Iterator[Section]:
    """All sections of a report, in order; empty ones are left out."""
    for section in (
        _short(comparison), _scenarios(comparison), _routes(comparison), _charts(comparison),
        _map(comparison), _winners(comparison), _exposed(comparison), _prices(comparison),
        _dates(comparison), _ranges(comparison), _everything(comparison), _method(comparison),
        _limits(comparison), _sources(comparison),
    ):  # fmt: skip
        if section.parts:
            yield section


def _short(comparison: Comparison) -> Section:
    parts: list[Part] = []
    for case in comparison.cases[1:]:
        first, *rest = words.scenario(comparison, case, most=_FEW)
        parts += [Heading(first.rstrip(".")), Bullets([line.strip() for line in rest])]
    return Section("In short", parts)


def _scenarios(comparison: Comparison) -> Section:
    section = Section("The scenarios")
    told: set[str] = set()
    for case in comparison.cases[1:]:
        section.parts.append(Heading(case.title))
        if case.card is None:
            section.parts.append("A network given as it is, without a card.")
            continue
        sheets = case.card.sheets()
        names = ", ".join(f"{sheet.card.title} ({sheet.card.name})" for sheet in sheets)
        section.parts.append(f"{'Card' if len(sheets) == 1 else 'Cards'}: {names}.")
        for sheet in sheets:
            if sheet.card.name not in told:
                section.parts.append(Bullets(_card_lines(sheet.card)))
            told.add(sheet.card.name)
    return section


def _card_lines(card: Any) -> list[str]:
    lines = [f"Question: {card.question}"] if card.question else []
    lines += [f"Change: {change_words(change)}" for change in card.changes]
    lines += [f"Claim: {claim_words(claim)}" for claim in card.claims]
    lines += [f"Assumption: {text}" for text in card.assumptions]
    return lines + ([f"Note: {card.note}"] if card.note else [])


def claim_words(claim: Any) -> str:
    """What somebody says, who and when."""
    said = ", ".join(part for part in (claim.who, claim.date) if part)
    return f"{claim.text} ({said})" if said else str(claim.text)


def change_words(change: Any) -> str:
    """One change of a card on one line."""
    data = change.model_dump(by_alias=True, exclude_defaults=True, mode="json")
    subject = data.pop(change.action, "")
    rest = [f"{key.replace('_', ' ')} {_plain(value)}" for key, value in data.items()]
    return f"{change.action.replace('_', ' ')} {_plain(subject)}" + "".join(
        f"; {part}" for part in rest
    )


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)


def _routes(comparison: Comparison) -> Section:
    table = comparison.table
    touched = table[table["flow_id"].isin(comparison.changes["flow_id"])]
    names = comparison.scenarios
    cells = [
        (
            row["title"], "base" if row["scenario"] == BASE else names[row["scenario"]],
            "" if row["scenario"] == BASE else row["change"], row["length_km"],
            row["d_length_km"], row["hours"], row["d_hours"], row["usd_per_t"],
            row["d_usd_per_t"], row["borders"], row["gauge_breaks"], row["stranded_t"],
            _way(comparison, row),
        )
        for row in touched.sort_values("flow_id", kind="stable").to_dict("records")
        if row["scenario"] == BASE or row["change"] not in {rows.SAME, rows.NEVER}
    ]  # fmt: skip
    if not cells:
        return Section("What changes", ["No scenario changes any of the flows."])
    head = (
        "Flow", "World", "What changes", "km", "± km", "Hours", "± h", "USD/t", "± USD/t",
        "Borders", "Gauge breaks", "Stranded, t", "By",
    )  # fmt: skip
    digits = (0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0)
    still = table[~table["flow_id"].isin(comparison.changes["flow_id"])]
    kept = list(dict.fromkeys(still.loc[still["scenario"] == BASE, "title"]))
    parts: list[Part] = [Grid("Flows that some scenario changes", head, cells, digits)]
    told = [f"No scenario changes: {'; '.join(kept)}."] if kept else []
    told += [_nowhere(comparison, case) for case in comparison.cases[1:]]
    parts.append(Bullets([line for line in told if line]))
    return Section("What changes", parts)


def _way(comparison: Comparison, row: dict[Any, Any]) -> str:
    """Crossings passed, or what is closed."""
    if isinstance(row["via"], str):
        return words.short(row["via"])
    if row["change"] != rows.CUT:
        return ""
    case = next(case for case in comparison.cases if case.name == row["scenario"])
    return words.lost(comparison, case, row["flow_id"])


def _nowhere(comparison: Comparison, case: Case) -> str:
    """Flows that a scenario offers no other way at all."""
    ids = prices.untouched(comparison, case.name)
    if not ids:
        return ""
    titles = comparison.table.drop_duplicates("flow_id").set_index("flow_id")["title"]
    return (
        f"{case.title}: at no price would it move {len(ids)} of {len(case.flows)} flows, since it "
        f"offers them no way that they did not have before: {'; '.join(titles[ids])}."
    )


def _charts(comparison: Comparison) -> Section:
    if comparison.changes.empty:
        return Section("Pictures")
    measures = ["length_km"]
    if comparison.network.costs:
        measures += ["hours", "usd_per_t"]
    changed = comparison.changes
    wanted = changed.loc[changed["change"] != rows.CUT, "flow_id"].unique().tolist()[:_DRAWN]
    pictures: list[Part] = [drawings.marks(comparison, name, wanted) for name in measures]
    return Section("Pictures", pictures if wanted else [])


def _map(comparison: Comparison) -> Section:
    if comparison.changes.empty:
        return Section("Map")
    return Section("Map", [comparison.map()])


def _winners(comparison: Comparison) -> Section:
    table = comparison.countries
    names = comparison.scenarios
    moved = table[(table["d_tonne_km"].abs() >= 1) | (table["d_transit_usd"].abs() >= 1)]
    cells = [
        (
            names[row["scenario"]], row["name"], row["tonne_km"] / 1e6, row["d_tonne_km"] / 1e6,
            row["transit_tonne_km"] / 1e6, row["d_transit_tonne_km"] / 1e6,
            row["transit_usd"] / 1e6, row["d_transit_usd"] / 1e6,
        )
        for row in moved.to_dict("records")
    ]  # fmt: skip
    if not cells:
        return Section("Who wins and who loses")
    head = (
        "Scenario", "Country", "million t-km", "± million t-km", "transit, million t-km",
        "± million t-km", "transit revenue, million USD", "± million USD",
    )  # fmt: skip
    text = (
        "Only flows whose tonnes are known count, each with its tonnes a year or, where no year is "
        "published, of its period. Transit is carriage through a country that the cargo neither "
        "comes from nor goes to; its revenue is what the model says is paid there for the railway, "
        "at borders, in ports and for changes of gauge, at central values. What lorries cost to "
        "run is not in it."
    )
    return Section(
        "Who wins and who loses",
        [Grid("Countries whose figures change", head, cells, (0, 0, 1, 1, 1, 1, 2, 2)), text],
    )


def _exposed(comparison: Comparison) -> Section:
    found = comparison.exposure
    found = found[found["new"]]
    if found.empty:
        return Section("New dependences")
    titles = comparison.table.drop_duplicates("flow_id").set_index("flow_id")["title"]
    names = comparison.scenarios
    unit = {"length": "km", "hours": "h"}.get(comparison.weight, "USD/t")
    cells = []
    for (scenario, name), group in found.groupby(["scenario", "name"], sort=False):
        lost, others = group[group["stranded"]], group[~group["stranded"]]
        cells.append(
            (
                names[str(scenario)], words.short(str(name)), "; ".join(titles[lost["flow_id"]]),
                "; ".join(titles[others["flow_id"]]), others["extra"].max(),
            )
        )  # fmt: skip
    head = (
        "Scenario", "Crossing", "Stranded without it", "With a way round it",
        f"at most dearer, {unit}",
    )  # fmt: skip
    grid = Grid("Crossings that flows come to depend on", head, cells, (0, 0, 0, 0, 1))
    return Section("New dependences", [grid])


def _prices(comparison: Comparison) -> Section:
    found = comparison.switches
    dear = [case.name for case in comparison.cases if case.net.costs != comparison.network.costs]
    moves = (found["opened_now"] != found["opened_then"]) | found["scenario"].isin(dear)
    found = found[(found["scenario"] != BASE) & found["in_range"].astype(bool) & moves]
    if found.empty:
        return Section("Prices at which routes change")
    titles = comparison.table.drop_duplicates("flow_id").set_index("flow_id")["title"]
    names = comparison.scenarios
    cells = [
        (
            names[row["scenario"]], titles[row["flow_id"]], row["parameter_id"], row["unit"],
            f"{row['now']:.4g}", ("above " if row["value"] > row["now"] else "below ")
            + f"{row['value']:.4g}", *_exchanged(row["via_now"], row["via_then"]),
        )
        for row in found.head(_MOST).to_dict("records")
    ]  # fmt: skip
    more = len(found) - len(cells)
    text = (
        "Each number is moved alone from its central value to the first value at which the flow "
        "takes another way; all others stay as they are. Values are exact, not tried out. Listed "
        "are those that lie between the low and the high value of the parameter and move the flow "
        "to or from what the scenario opens"
        + (f"; {more} more are in the workbook." if more else ".")
    )
    head = ("Scenario", "Flow", "Parameter", "Unit", "Now", "Changes", "Leaves", "Takes")
    return Section("Prices at which routes change", [Grid("Switching values", head, cells), text])


def _exchanged(now: str, then: str) -> tuple[str, str]:
    """Crossings of one way that the other does not pass, and the other way round."""
    one, other = words.short(now).split("; "), words.short(then).split("; ")
    return (
        "; ".join(name for name in one if name not in other),
        "; ".join(name for name in other if name not in one),
    )


def _dates(comparison: Comparison) -> Section:
    found = comparison.dates
    if found.empty:
        return Section("Dates")
    titles = comparison.table.drop_duplicates("flow_id").set_index("flow_id")["title"]
    names = comparison.scenarios
    cells = [
        (
            row["date"].isoformat(), names[row["scenario"]], titles[row["flow_id"]],
            row["change"], row["length_km"], row["usd_per_t"], _way(comparison, row),
        )
        for row in found.sort_values("date", kind="stable").head(_MOST).to_dict("records")
    ]  # fmt: skip
    head = ("Date", "World", "Flow", "What changes", "km", "USD/t", "By")
    return Section(
        "Dates", [Grid("Days on which routes change", head, cells, (0, 0, 0, 0, 0, 1, 0))]
    )


def _ranges(comparison: Comparison) -> Section:
    drawn = comparison.ranges
    if drawn is None:
        return Section("How sure it is")
    measure = {"length": "length_km"}.get(comparison.weight, comparison.weight)
    keys = ["scenario", "flow_id"]
    span = drawn.table[drawn.table["measure"] == measure].set_index(keys)
    gaps = drawn.differences[drawn.differences["measure"] == measure].set_index(keys)
    titles = comparison.table.drop_duplicates("flow_id").set_index("flow_id")["title"]
    names = comparison.scenarios
    moved = gaps[gaps["same"] < 1]
    moved = moved.drop(columns="measure").add_prefix("d_")
    cells = [
        (
            titles[row["flow_id"]], names[row["scenario"]], row["p5"], row["p50"], row["p95"],
            row["d_p5"], row["d_p50"], row["d_p95"],
            *(f"{row[name]:.0%}" for name in ("d_better", "d_same", "d_worse")),
        )
        for row in span.join(moved, how="inner").reset_index().to_dict("records")
    ]  # fmt: skip
    unit = drawings.UNITS.get(measure, measure)
    head = (
        "Flow", "Scenario", "p5", "p50", "p95", "± p5", "± p50", "± p95", "Better", "Same",
        "Worse",
    )  # fmt: skip
    ways = drawn.routes[drawn.routes["share"] < 1]
    shares = [
        (
            titles[row["flow_id"]], names[row["scenario"]], words.short(row["via"]),
            f"{row['share']:.0%}", row["length_km"],
        )
        for row in ways.to_dict("records")
    ]  # fmt: skip
    parts: list[Part] = []
    if cells:
        caption = f"Ranges in {drawn.draws:,} draws, {unit}, where the scenario changes anything"
        parts.append(Grid(caption, head, cells, (0, 0, 1, 1, 1, 1, 1, 1)))
    if shares:
        columns = ("Flow", "World", "Way", "Share of draws", "km")
        parts.append(Grid("In what share of the draws each way is the best", columns, shares))
    return Section("How sure it is", parts)


def _everything(comparison: Comparison) -> Section:
    base = comparison.table
    base = base[base["scenario"] == BASE]
    cells = [
        (
            row["title"], row["commodity"] or "", row["tonnes"], row["basis"], row["length_km"],
            row["hours"], row["usd_per_t"], row["borders"],
            row["countries"] if isinstance(row["countries"], str) else row["obstacle"],
        )
        for row in base.to_dict("records")
    ]  # fmt: skip
    head = (
        "Flow", "Commodity", "Tonnes", "in a", "km", "Hours", "USD/t", "Borders", "km by country",
    )  # fmt: skip
    caption = f"All flows as things are on {comparison.network.as_of}"
    return Section("All flows", [Grid(caption, head, cells, (0, 0, 0, 0, 0, 0, 1))])


def _method(comparison: Comparison) -> Section:
    routes = (
        "Routes are the lightest ways (Dijkstra 1959) over links whose state and access rules let "
        "the shipment pass on the day, by "
        f"{words.WEIGHT_WORDS[comparison.weight]}. Kilometres are published lengths. Hours and "
        "dollars are sums over links, borders, changes of gauge, ports and ferries, from "
        "parameters that each have a low, a central and a high value and a source or the mark of "
        "an assumption."
    )
    scenarios = (
        "A scenario is a list of changes to the network. Everything else stays as it is: tonnes do "
        "not react to prices, and no link is ever full."
    )
    parts: list[Part] = [routes, scenarios]
    if comparison.ranges is not None:
        parts.append(
            "Ranges: every parameter is drawn independently from the triangular distribution "
            "between low and high with its mode at the central value; all worlds see the same "
            "draws (common random numbers), and routes are chosen anew in each."
        )
    if comparison.network.costs:
        parts.append(
            "Switching values: the least cost over all ways is a concave function of one "
            "parameter, made of straight pieces; their ends are found by asking for the best way "
            "where two known lines cross (Eisner and Severance 1976)."
        )
    return Section("Method", parts)


def _limits(comparison: Comparison) -> Section:
    routes = [one for one in comparison.found.values() if not isinstance(one, str)]
    lines = []
    if comparison.network.costs:
        used: dict[str, bool] = {}
        for route in routes:
            costs = route.costs
            for names, assumed in zip(costs["parameters"], costs["assumed"], strict=True):
                used |= dict.fromkeys(names.split(), False)
                used |= dict.fromkeys(assumed.split(), True)
        lines.append(
            f"Of {len(used)} parameters behind these figures {sum(used.values())} are assumptions "
            "of ours."
        )
    weak = [_assumed_share(route) for route in routes]
    if weak:
        lines.append(
            f"Up to {max(weak):.0%} of the kilometres of a route rest on estimates of ours; on "
            f"average {sum(weak) / len(weak):.0%}."
        )
    unknown = comparison.table
    unknown = unknown[(unknown["scenario"] == BASE) & unknown["tonnes"].isna()]
    if len(unknown):
        lines.append(
            f"The tonnes of {len(unknown)} flows are not published; they count in no sum: "
            f"{'; '.join(unknown['title'])}."
        )
    lines += [
        "Capacities, queues, seasons and politics beyond the dated rules are not in these figures.",
        "A parameter drawn by itself does not know that tariffs of one railway move together.",
    ]
    return Section("Limits", [Bullets(lines)])


def _assumed_share(route: Any) -> float:
    legs = route.legs
    total = float(legs["length_km"].sum())
    weak = legs.loc[legs["length_kind"] == "estimate", "length_km"].sum()
    return float(weak) / total if total else 0.0


def _sources(comparison: Comparison) -> Section:
    found = cited(comparison)
    return Section("Sources", [Cited(found)] if found else [])
