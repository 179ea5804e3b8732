"""Which products move on which links."""

import crossroads as cr
from crossroads.engines.routes.plan import make_parts


def test_a_link_named_by_a_wide_product_carries_only_what_its_capacity_measures() -> None:
    """Railways that carry goods are counted in tonnes: gas, a good as well, stays off them."""
    world = cr.build_world(cr.load("south-caucasus"), draws=1)
    carrying_goods = {row["id"] for row in world["links"].rows if row["product"] == "goods"}
    assert carrying_goods
    parts, _ = make_parts(world)
    by_volume = [part for part in parts if part.dimension == "volume"]
    assert [part.products for part in by_volume] == [("gas",)]
    used = {world["links"].rows[way.place]["id"] for part in by_volume for way in part.ways}
    assert not used & carrying_goods
