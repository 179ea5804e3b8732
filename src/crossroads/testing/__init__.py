"""What tests of engines, levers and tools stand on: contracts to hold, and dossiers at random.

from crossroads.testing import check_engine, dossiers

def test_my_engine(world):
    check_engine(MyEngine(), world)

@given(dossiers())
def test_my_tool(files):
    ...
"""

from crossroads.testing.conformance import check_engine, check_lever, figures_of
from crossroads.testing.strategies import dossiers, write_dossier

__all__ = ["check_engine", "check_lever", "dossiers", "figures_of", "write_dossier"]
