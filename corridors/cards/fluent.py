"""The actions of a card as methods: each gives the scenario with one change more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self


class Actions(ABC):
    """What a scenario may be made of, one method an action."""

    @abstractmethod
    def with_change(self, action: str, subject: Any, **fields: Any) -> Self:
        """The same and one change more."""

    def open(self, *names: str, on: Any = None, until: Any = None, **where: Any) -> Self:
        """Open lines, links, crossings, or all that a corridor needs.

        Parameters
        ----------
        *names : str
            Ids or names; or keys of a selection as keywords.
        on, until : str or date, optional
            From this day; the first day after.
        **where
            ``corridor``, ``line``, ``link``, ``crossing``, ``border``, ``place``, ``country``,
            ``operator``, ``mode``, ``gauge``; ``existing``, ``note``, ``sources``.
        """
        return self._select("open", names, on, until, where)

    def close(self, *names: str, on: Any = None, until: Any = None, **where: Any) -> Self:
        """Close lines, links, crossings or places; parameters as for :meth:`open`."""
        return self._select("close", names, on, until, where)

    def suspend(self, *names: str, on: Any = None, until: Any = None, **where: Any) -> Self:
        """Suspend traffic; parameters as for :meth:`open`."""
        return self._select("suspend", names, on, until, where)

    def capacity(
        self, *names: str, t_per_year: float | None = None, factor: float | None = None,
        on: Any = None, until: Any = None, **where: Any,
    ) -> Self:  # fmt: skip
        """Set the capacity of links, or scale what is known.

        Parameters
        ----------
        *names, on, until, **where
            As for :meth:`open`.
        t_per_year : float, optional
            Tonnes a year, both directions together.
        factor : float, optional
            Of the capacity known; give one of the two.
        """
        return self._select(
            "capacity", names, on, until, where, t_per_year=t_per_year, factor=factor
        )

    def set(
        self, *names: str, to: Mapping[str, Any], on: Any = None, until: Any = None, **where: Any
    ) -> Self:
        """Set properties of links.

        Parameters
        ----------
        *names, on, until, **where
            As for :meth:`open`.
        to : mapping
            ``length_km``, ``operator``, ``gauge_mm``, ``tracks``, ``electrification``,
            ``road_class``, ``speed_km_h``.
        """
        return self._select("set", names, on, until, where, to=dict(to))

    def build(self, line: Mapping[str, Any], **rest: Any) -> Self:
        """Build a line; see ``NewLine`` of the schema."""
        return self.with_change("build", dict(line), **rest)

    def tariff(self, *, on: Any = None, until: Any = None, **given: Any) -> Self:
        """Set what carriage costs.

        Parameters
        ----------
        on, until : str or date, optional
        **given
            Where it holds: ``country``, ``start`` and ``to`` (ends of a section), ``commodity``,
            ``mode``, ``origin``, ``destination`` and so on; and ``usd_per_t``, ``usd_per_t_km`` or
            ``factor``; ``at`` for charges at borders, ports and the like.
        """
        return self._numbers(
            "tariff", ("at", "usd_per_t", "usd_per_t_km", "factor", "exceptions"), given, on, until
        )

    def dwell(self, *, on: Any = None, until: Any = None, **given: Any) -> Self:
        """Set how long cargo stands: keys as for :meth:`tariff`, ``at``, ``hours``, ``factor``."""
        return self._numbers("dwell", ("at", "hours", "factor", "exceptions"), given, on, until)

    def parameter(
        self, name: str | Sequence[str] | Mapping[str, Any], value: Any = None, *,
        factor: float | None = None, unit: str | None = None, **rest: Any,
    ) -> Self:  # fmt: skip
        """Set or scale numbers of the cost model.

        Parameters
        ----------
        name : str, sequence of str or mapping
            Parameter ids, or ``{"kind": ..., keys}``.
        value : float or (low, central, high), optional
            In ``unit``.
        factor : float, optional
            Of the number that is there; give one of the two.
        unit : str, optional
            The parameter's own if not given.
        **rest
            ``on``, ``until``, ``existing``, ``note``, ``sources``.
        """
        return self.with_change("parameter", name, value=value, factor=factor, unit=unit, **rest)

    def impose(self, rule: Any, **rest: Any) -> Self:
        """Impose access rules of the data, or a new one.

        Parameters
        ----------
        rule : str, sequence of str or mapping
            Ids or titles; a mapping is a new rule, see ``NewRule`` of the schema.
        **rest
            ``on``, ``until``, ``existing``, ``note``, ``sources``.
        """
        return self.with_change("impose", rule, **rest)

    def lift(self, *rules: str, **given: Any) -> Self:
        """Lift access rules.

        Parameters
        ----------
        *rules : str
            Ids or titles.
        **given
            ``country``, ``border``, ``origin``, ``destination`` of rules; and as for :meth:`open`.
        """
        keys, rest = _parted(given, ("id", "country", "border", "origin", "destination"))
        return self.with_change("lift", {**({"id": rules} if rules else {}), **keys}, **rest)

    def scale_flow(
        self, *flows: str, factor: float | None = None, tonnes_per_year: float | None = None,
        **given: Any,
    ) -> Self:  # fmt: skip
        """Scale flows, or set their tonnes a year.

        Parameters
        ----------
        *flows : str
            Flow ids or titles.
        factor, tonnes_per_year : float, optional
            Give one of the two.
        **given
            ``commodity``, ``origin_country``, ``destination_country`` of flows; and as for
            :meth:`open`.
        """
        keys, rest = _parted(given, _FLOW_KEYS)
        subject = {**({"id": flows} if flows else {}), **keys}
        return self.with_change(
            "scale_flow", subject, factor=factor, tonnes_per_year=tonnes_per_year, **rest
        )

    def add_flow(self, flow: Mapping[str, Any], **rest: Any) -> Self:
        """Add a flow; see ``NewFlow`` of the schema."""
        return self.with_change("add_flow", dict(flow), **rest)

    def remove_flow(self, *flows: str, **given: Any) -> Self:
        """Remove flows.

        Parameters
        ----------
        *flows : str
            Flow ids or titles.
        **given
            As for :meth:`scale_flow`.
        """
        keys, rest = _parted(given, _FLOW_KEYS)
        return self.with_change("remove_flow", {**({"id": flows} if flows else {}), **keys}, **rest)

    def _select(
        self, action: str, names: tuple[str, ...], on: Any, until: Any, given: dict[str, Any],
        **fields: Any,
    ) -> Self:  # fmt: skip
        keys, rest = _parted(given, _WHERE_KEYS)
        subject = {**({"name": names} if names else {}), **keys}
        return self.with_change(action, subject, on=on, until=until, **fields, **rest)

    def _numbers(
        self, action: str, own: tuple[str, ...], given: dict[str, Any], on: Any, until: Any
    ) -> Self:
        fields, keys = _parted(given, (*own, *_ANY_CHANGE))
        return self.with_change(action, keys, on=on, until=until, **fields)


_WHERE_KEYS = (
    "corridor", "line", "link", "crossing", "border", "place", "country", "operator", "mode",
    "gauge",
)  # fmt: skip
_FLOW_KEYS = ("commodity", "origin_country", "destination_country")
_ANY_CHANGE = ("existing", "note", "sources")


def _parted(
    given: Mapping[str, Any], names: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Those of some names, and the others."""
    return (
        {key: value for key, value in given.items() if key in names},
        {key: value for key, value in given.items() if key not in names},
    )
