"""A page for each flow: what is carried, how it goes, what it costs, how we know."""

from __future__ import annotations

import corridors as co
from corridors.flow import Flow, FlowRoute
from corridors.words import COUNTRY_NAMES
from generator.markdown import bullets, escape, fence, link, number, page, sources, table
from generator.world import known_sources, name


def pages() -> dict[str, str]:
    """Name and text of each page."""
    flows = co.flows()
    result = {f"flows/{flow_id}.md": _page(flow) for flow_id, flow in flows.items()}
    result["flows/index.md"] = _index(list(flows.values()))
    return result


def _index(flows: list[Flow]) -> str:
    rows = [
        (
            f"[{escape(flow.title)}]({flow.flow_id}.md)", escape(flow.commodity),
            number(flow.tonnes), escape(flow.period), flow.evidence,
        )
        for flow in flows
    ]  # fmt: skip
    names = "\n".join(flow.flow_id for flow in flows)
    return page(
        "Flows",
        "A flow is a commodity moved from an origin to a destination in a period. Each is routed "
        "on its own date and set beside the route that was reported. `co.flows()` holds them.\n",
        table(["flow", "commodity", "t", "period", "evidence"], rows, right=[2]),
        "```{toctree}\n:hidden:\n\n" + names + "\n```\n",
    )


def _page(flow: Flow) -> str:
    return page(
        flow.title,
        _facts(flow),
        f"{escape(flow.note)}\n" if flow.note else "",
        "## How it goes\n",
        *_way(flow),
        "## What others say\n\n" + bullets(flow.contradictions) if flow.contradictions else "",
        _shipments(flow),
        "## Ask it yourself\n",
        fence(
            f'flow = co.flows()["{flow.flow_id}"]\n'
            f"print(flow.route({'opened=True' if flow.opens else ''}).explain())",
            "python",
        ),
        fence(f"corridors flows {flow.flow_id}", "sh"),
        "## Sources\n",
        sources(sorted({*flow.sources, *flow.shipments["source"]}), known_sources()),
    )


def _facts(flow: Flow) -> str:
    wagons = f" in {number(flow.wagons)} wagons" if flow.wagons else ""
    amount = f"{number(flow.tonnes)} t{wagons}" if flow.tonnes is not None else "not published"
    a_year = number(flow.tonnes_per_year)
    rows = [
        ("Commodity", escape(flow.commodity.replace("-", " "))),
        ("From", f"{escape(name(flow.origin))}, {COUNTRY_NAMES[flow.origin_country]}"),
        ("To", f"{escape(name(flow.destination))}, {COUNTRY_NAMES[flow.destination_country]}"),
        ("By", escape(" and ".join(flow.modes))),
        ("Period", escape(flow.period)),
        ("Amount", amount + (f" ({a_year} t a year)" if a_year else "")),
        ("Evidence", f"{flow.evidence}, confidence {flow.confidence}"),
        ("Routed on", flow.as_of.isoformat()),
    ]
    if flow.origin_note:
        rows.insert(3, ("", escape(flow.origin_note)))
    return table(["", ""], rows)


def _way(flow: Flow) -> list[str]:
    try:
        return _routed(flow.route())
    except co.NoRoute as error:
        parts = ["On that day there is no such route:\n", fence(str(error))]
        if not flow.opens:
            return parts
        opened = " and ".join(f"`{one}`" for one in flow.opens)
        return [*parts, f"With {opened} open:\n", *_routed(flow.route(opened=True))]


def _routed(found: FlowRoute) -> list[str]:
    route = found.route
    km = table(
        ["country", "km"],
        [(COUNTRY_NAMES[code], number(km)) for code, km in route.by_country.items()],
        right=[1],
    )
    costs = table(
        ["", "hours", "low to high", "USD/t", "low to high"],
        [
            (
                row["cause"], number(row["hours_central"], 1),
                f"{number(row['hours_low'], 1)} to {number(row['hours_high'], 1)}",
                number(row["usd_central"], 1),
                f"{number(row['usd_low'], 1)} to {number(row['usd_high'], 1)}",
            )
            for row in route.costs.to_dict("records")
        ],
        right=[1, 2, 3, 4],
    )  # fmt: skip
    stretches = table(
        ["from", "to", "line", "km"],
        [
            (escape(row["from"]), escape(row["to"]), escape(row["line"]), number(row["length_km"]))
            for row in route.by_line().to_dict("records")
        ],
        right=[3],
    )
    return [bullets(found.explain().splitlines()), km, costs, stretches]


def _shipments(flow: Flow) -> str:
    known = known_sources()
    table_ = flow.shipments.astype(object)
    rows = [
        (
            escape(row["date"] or row["period"] or ""), row["kind"].replace("_", " "),
            number(row["wagons"]), number(row["tonnes"]),
            "yes" if row["in_sum"] else "", escape(row["flag"] or ""),
            link(known[row["source"]]["publisher"], known[row["source"]]["url"]),
        )
        for row in table_.where(table_.notna(), None).to_dict("records")
    ]  # fmt: skip
    if not rows:
        return ""
    head = ["date", "kind", "wagons", "t", "counted", "what is wrong with it", "source"]
    total = f"Counted together: {number(flow.shipped_tonnes)} t.\n" if flow.shipped_tonnes else ""
    return "\n".join(["## Trains and published figures\n", table(head, rows, right=[2, 3]), total])
