"""The questions a network answers, each a function of the module that answers it.

``net.skim(...)`` is ``skim(net, ...)`` of :mod:`corridors.routing.skims`: same parameters, same
docstring. The module is imported when the question is first asked.
"""

from __future__ import annotations

from importlib import import_module
from types import MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridors import interchange, maps, storage
    from corridors.analysis import (
        assignment,
        chokepoints,
        closure_audit,
        closures,
        cuts,
        interdiction,
        leverage,
        resilience,
        screening,
    )
    from corridors.routing import alternatives, pareto, router, skims


class Question:
    """A method that lives in another module, as a function whose first parameter is the network.

    Parameters
    ----------
    module : str
        Name of the module.
    function : str, optional
        Name of the function there, if it is not the method's own.
    """

    def __init__(self, module: str, function: str = "") -> None:
        self.module, self.function = module, function
        self._answers: Any = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.function = self.function or name

    def __get__(self, net: object, owner: type | None = None) -> Any:
        if self._answers is None:
            self._answers = getattr(import_module(self.module), self.function)
        return self._answers if net is None else MethodType(self._answers, net)


class Questions:
    """What :class:`~corridors.network.Network` can be asked."""

    if TYPE_CHECKING:
        route = router.route
        alternatives = alternatives.alternatives
        pareto = pareto.pareto
        skim = skims.skim
        reach = skims.reach
        closures = closures.closures
        audit_closure = closure_audit.audit_closure
        screen = screening.screen
        assign = assignment.assign
        chokepoints = chokepoints.chokepoints
        leverage = leverage.leverage
        cut = cuts.cut
        interdict = interdiction.interdict
        resilience = resilience.resilience
        map = maps.network_map
        static_map = maps.static_map
        save = storage.save
        to_osmnx = interchange.to_osmnx
    else:
        route = Question("corridors.routing.router")
        alternatives = Question("corridors.routing.alternatives")
        pareto = Question("corridors.routing.pareto")
        skim = Question("corridors.routing.skims")
        reach = Question("corridors.routing.skims")
        closures = Question("corridors.analysis.closures")
        audit_closure = Question("corridors.analysis.closure_audit")
        screen = Question("corridors.analysis.screening")
        assign = Question("corridors.analysis.assignment")
        chokepoints = Question("corridors.analysis.chokepoints")
        leverage = Question("corridors.analysis.leverage")
        cut = Question("corridors.analysis.cuts")
        interdict = Question("corridors.analysis.interdiction")
        resilience = Question("corridors.analysis.resilience")
        map = Question("corridors.maps", "network_map")
        static_map = Question("corridors.maps")
        save = Question("corridors.storage")
        to_osmnx = Question("corridors.interchange")
