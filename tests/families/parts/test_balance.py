"""The gate of andersbll/autoencoding_beyond_pixels."""

import pytest
import torch

from gen_models.families.parts.balance import BalanceGate

GUESSING, SURE, WRONG = 0.0, 3.0, -3.0


@pytest.mark.parametrize(
    ("real", "fake", "critic", "generator"),
    [
        (GUESSING, GUESSING, True, True),
        (SURE, -GUESSING, False, True),  # too sure of real samples
        (GUESSING, -SURE, False, True),  # too sure of generated ones
        (WRONG, GUESSING, True, False),
        (GUESSING, -WRONG, True, False),
        (SURE, -WRONG, True, True),  # both at once: nobody is held back
    ],
)
def test_the_stronger_side_rests(real, fake, critic, generator):
    gate = BalanceGate()
    gate.observe(torch.full((4,), real), torch.full((4,), fake))
    gate.decide()
    assert (gate.critic_moves, gate.generator_moves) == (critic, generator)


def test_it_decides_by_the_mean_of_what_it_saw_since_it_last_decided():
    gate = BalanceGate()
    gate.decide()
    assert (gate.critic_moves, gate.generator_moves) == (True, True)  # it saw nothing
    for real in (SURE, WRONG):  # cross-entropies of 0.05 and 3.05
        gate.observe(torch.full((4,), real), torch.zeros(4))
    again = BalanceGate()
    again.load_state_dict(gate.state_dict())
    for each in (gate, again):  # as after a restart
        each.decide()
        assert (each.critic_moves, each.generator_moves) == (True, False)
        each.decide()
        assert each.generator_moves
