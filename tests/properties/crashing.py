"""``crossroads`` with an engine in many small batches that are all kept: run by test_crash."""

from __future__ import annotations

from crossroads.cli import main
from crossroads.engines import Exposure

Exposure.kept = True
Exposure.batch = 3  # type: ignore[attr-defined]

if __name__ == "__main__":
    main()
