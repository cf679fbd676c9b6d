"""Flows in the world as it is and in scenarios, side by side."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from corridors import parallel
from corridors.comparison import answers
from corridors.comparison.cases import Case, Flows, Scenarios, worlds
from corridors.comparison.result import Comparison
from corridors.costs.model import check_weight
from corridors.errors import ArgumentError

if TYPE_CHECKING:
    from typing import Unpack

    from corridors.network import Network
    from corridors.routing.route import Route
    from corridors.routing.terms import Ask


def compare(
    net: Network,
    scenarios: Scenarios,
    flows: Flows | None = None,
    *,
    weight: str = "generalised",
    draws: int = 0,
    seed: int = 0,
    executor: Executor | None = None,
    progress: bool = True,
    question: str = "",
    **options: Unpack[Ask],
) -> Comparison:
    """Set scenarios beside the world as it is: routes, costs, winners and losers.

    Parameters
    ----------
    net : Network
        The base.
    scenarios : mapping or iterable
        Names of cards, Scenarios, or a mapping from names to these or to Networks.
    flows : Flows or DataFrame, optional
        Flows of :func:`corridors.flows`, or a table with ``origin`` and ``destination`` and, if
        wanted, ``flow_id``, ``title``, ``tonnes``, ``commodity``, ``modes``, ``cargo_origin``,
        ``cargo_destination``. All flows of the data if not given.
    weight : {"length", "hours", "usd_per_t", "generalised"}
        What routes make least; passengers, who have no fares in the data, go by hours where
        dollars are asked for.
    draws : int
        How many times the parameters of the cost model are drawn from their ranges; see
        :mod:`corridors.comparison.ranges`. 0: not at all.
    seed : int
        Of the draws: the same seed gives the same numbers.
    executor : concurrent.futures.Executor, optional
        Where the work is done, such as ``dask_client.get_executor()``. Processes of this machine
        if not given and the work is large.
    progress : bool
        Show progress bars for what takes longer than two seconds.
    question : str
        What the comparison is to answer, as the heading of a report.
    **options
        ``as_of`` (the day, if not that of the network), ``avoid``, ``value_of_time``,
        ``max_snap_km``, and ``modes`` and ``commodity`` for flows that name none, as in
        :meth:`.Network.route`.

    Returns
    -------
    Comparison

    Raises
    ------
    ArgumentError, UnknownSubjectError, UnknownPlaceError
        If an argument cannot be used; the message names it.

    Examples
    --------
    >>> import corridors as co
    >>> net = co.load(as_of="2026-06-01")
    >>> found = co.compare(net, {"tripp": net.with_open("tripp")}, co.flows())
    >>> found.changes[["flow_id", "change"]].values.tolist()
    [['tripp-transit', 'newly possible']]
    """
    check_weight(weight, options.get("value_of_time"))
    _check_whole("draws", draws)
    _check_whole("seed", seed)
    terms: dict[str, Any] = {**options, "weight": weight}
    as_of = terms.pop("as_of", None)
    if terms.pop("case", "central") != "central":
        raise ArgumentError("case: a comparison routes by central values; use draws for ranges")
    if flows is None:
        from corridors.catalog import flows as all_flows

        flows = all_flows()
    cases = worlds(net, scenarios, flows, as_of)
    tasks = [answers.Task(case.net, case.flows, terms) for case in cases]
    paths = parallel.run(
        answers.answers, tasks, executor=executor, what="scenarios", progress=progress
    )
    found: dict[tuple[str, str], Route | str] = {}
    for case, task, path in zip(cases, tasks, paths, strict=True):
        for name, answer in answers.routes(task, path).items():
            found[case.name, name] = answer
    ranges = _ranges(cases, terms, draws, seed, executor, progress)
    return Comparison(tuple(cases), weight, terms, found, ranges, question)


def _check_whole(name: str, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ArgumentError(f"{name}={value!r} must be a whole number, 0 or more")


def _ranges(
    cases: list[Case],
    options: dict[str, Any],
    draws: int,
    seed: int,
    executor: Executor | None,
    progress: bool,
) -> Any:
    if not draws:
        return None
    from corridors.comparison.ranges import ranges

    return ranges(cases, options, draws, seed, executor=executor, progress=progress)
