"""Fault injection (Hsueh et al. 1997, https://doi.org/10.1109/2.585157): breaks runs and counts what is left of them.

`python -m tests.faults` plays a matrix. A row is a kind of fault; each of its trials breaks a tiny run in one way and
looks at what is left: whether it ended as it says, whether its checkpoints are whole, and whether the same command then
ends in the same bits.
"""
