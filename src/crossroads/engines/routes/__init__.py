"""Routes: cheapest flows over an infrastructure network, and what happens when a part is shut.

``network``, ``solver``, ``cuts``, ``sweeps``, ``paths`` and ``tracing`` are arithmetic on arrays,
usable alone; ``plan`` and ``engine`` stand between them and worlds.
"""

from crossroads.engines.routes.chokepoints import Chokepoints
from crossroads.engines.routes.engine import Routes
from crossroads.engines.routes.reroutes import Route, reroutes

__all__ = ["Chokepoints", "Route", "Routes", "reroutes"]
