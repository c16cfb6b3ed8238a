"""The parts of a replay's cost are those that the replay itself counts."""

from __future__ import annotations

import numpy as np
import pytest

from tradealloc.desk.tca import analyse
from tradealloc.desk.tca.replayed import of_replay
from tradealloc.market.replay import replay
from tradealloc.market.synthetic import SyntheticMarket


@pytest.mark.parametrize("side", [1, -1])
def test_a_replay_costs_what_it_says(side):
    day = SyntheticMarket().day(seed=5)
    shares = np.zeros(day.session.intervals)
    shares[30:90] = 200
    done = replay(day, shares, side=side)
    orders, fills = of_replay(done, "SYN")
    analysis = analyse(orders, fills)
    split = analysis.decomposition
    assert split.currency("drift")[0] == pytest.approx((done.timing + done.delay).sum(), abs=0.011)
    assert split.currency("spread")[0] == pytest.approx(done.spread.sum(), abs=0.011)
    assert split.currency("temporary")[0] == pytest.approx(done.impact.sum(), abs=0.011)
    assert split.shortfall[0] / 100 == pytest.approx(done.shortfall, abs=0.011)
    assert [one.name for one in analysis.of("time")] == ["10:00", "10:30"]
