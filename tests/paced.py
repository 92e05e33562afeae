"""A side of races in `test_benchmarks.py`: so many steps a turn, or a failure."""

import sys

from benchmarks.pace import Pace

steps = int(sys.argv[1])
if not steps:
    sys.exit("no steps to take")
for _ in Pace(worth=float(sys.argv[2]), side=sys.argv[1]):
    sum(range(10_000 * steps))
