"""LSTM along an axis, whose state is convolved on its way (convolutional LSTM), with a fused cell.

A recurrent layer of an image is thousands of tiny kernels. On a GPU torch's fused cell makes one of the ten of a step;
backpropagation through time that is written out (Werbos 1990, https://doi.org/10.1109/5.58337) needs one more and one
or two a tap, and takes the weights' gradient of all steps at once.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from gen_models.networks.layers.devices import imagined

FUSED = {"cuda", "meta"}
"""Devices that torch has a fused cell for; of the last, its shapes."""
Cell = Callable[..., tuple[Tensor, Tensor, Tensor | None]]


def walk(gates: Tensor, weight: Tensor, shifts: Sequence[int]) -> Tensor:
    """Give the states (T, G, N, h) of LSTMs that begin with zeros, and see each other's last states at fixed distances.

    Args:
        gates: What the input adds to the input, forget, content and output gates (T, G, N, 4h), for T steps of G groups
            of N places each.
        weight: For each tap what the states of a group add to its gates (taps, G, h, 4h).
        shifts: For each tap where it looks: p sees the state of place p + shift, 0 beyond the ends. The first is 0.
    """
    with torch.autocast(gates.device.type, enabled=False):  # in bf16 a cell would forget what it adds up
        return _Walk.apply(gates.to(weight.dtype), weight.contiguous(), tuple(shifts))


def ordered(gates: Tensor, dim: int) -> tuple[Tensor, ...]:
    """Cut gates in the paper's order along `dim`, and give them in that of `walk`: input, forget, content, output."""
    output, forget, entry, content = gates.chunk(4, dim)
    return entry, forget, content, output


def in_order(gates: Tensor, dim: int) -> Tensor:
    """Reorder output, forget, input and content gates along `dim`, as the paper has them, to what `walk` takes."""
    return torch.cat(ordered(gates, dim), dim)


class _Walk(torch.autograd.Function):
    """See `walk`."""

    @staticmethod
    def forward(ctx: Any, gates: Tensor, weight: Tensor, shifts: tuple[int, ...]) -> Tensor:
        """Step through time, keeping states, cells and activated gates."""
        forward_cell, _ = _cells(gates)
        state = gates.new_zeros(*gates.shape[1:3], weight.shape[2])
        bias = gates.new_zeros(gates.shape[3])
        cells, opened, states = [state.flatten(0, 1)], [], [state]
        for entering in gates.contiguous().flatten(1, 2).unbind():
            hidden = _spread(states[-1], weight, shifts).flatten(0, 1)
            state, cell, active = forward_cell(entering, hidden, cells[-1], bias, bias)
            states.append(state.view_as(states[0]))
            cells.append(cell)
            opened.append(active)
        stacked = torch.stack(states)
        ctx.shifts = shifts
        ctx.save_for_backward(weight, stacked, *cells, *opened)
        return stacked[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        """Step back through time, in the precision of the way forth."""
        with torch.autocast(gradient.device.type, enabled=False):
            return *_backward(ctx.saved_tensors, gradient, ctx.shifts), None


def _cells(like: Tensor) -> tuple[Cell, Cell]:
    """Give the cell and its gradient."""
    if imagined(like) or like.device.type in FUSED:
        return torch.ops.aten._thnn_fused_lstm_cell, torch.ops.aten._thnn_fused_lstm_cell_backward_impl
    return cell_forward, cell_backward


def _backward(saved: Sequence[Tensor], gradient: Tensor, shifts: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Give the gradients by the gates, and by the weight, of all steps at once."""
    weight, states, *rest = saved
    cells, opened = rest[: len(states)], rest[len(states) :]
    _, backward_cell = _cells(gradient)
    grad_states = gradient.clone(memory_format=torch.contiguous_format)
    transposed = weight.transpose(2, 3).contiguous()
    grad_gates, grad_cell = [], torch.zeros_like(cells[0])
    for t in reversed(range(len(opened))):
        arriving = grad_states[t].flatten(0, 1)
        grad_gate, grad_cell, _ = backward_cell(arriving, grad_cell, cells[t], cells[t + 1], opened[t], False)
        grad_gates.append(grad_gate.view(*grad_states.shape[1:3], -1))
        if t:
            _gather(grad_states[t - 1], grad_gates[-1], transposed, shifts)
    stacked = torch.stack(grad_gates[::-1])
    return stacked, _weight_gradient(states[1:-1], stacked[1:], shifts)


def _ends(shift: int, places: int) -> tuple[slice, slice]:
    """The places that look `shift` places away and find somebody, and those whom they find."""
    return slice(max(0, -shift), places - max(0, shift)), slice(max(0, shift), places - max(0, -shift))


def _spread(state: Tensor, weight: Tensor, shifts: Sequence[int]) -> Tensor:
    """Give what the states (G, N, h) add to the gates (G, N, 4h)."""
    hidden = torch.bmm(state, weight[0])
    for tap, shift in zip(weight[1:], shifts[1:], strict=True):
        places, seen = _ends(shift, state.shape[1])
        _add_product(hidden[:, places], state[:, seen], tap)
    return hidden


def _gather(grad_state: Tensor, grad_gates: Tensor, transposed: Tensor, shifts: Sequence[int]) -> None:
    """Add to the gradient by the states (G, N, h) what comes from the gates (G, N, 4h) that saw them."""
    for tap, shift in zip(transposed, shifts, strict=True):
        places, seen = _ends(shift, grad_state.shape[1])
        _add_product(grad_state[:, seen], grad_gates[:, places], tap)


def _add_product(totals: Tensor, left: Tensor, right: Tensor) -> None:
    """Add products of matrices to totals, at once where these lie side by side: others torch would copy."""
    if totals.is_contiguous():
        totals.baddbmm_(left, right)
    else:
        for total, *factors in zip(totals, left, right, strict=True):
            total.addmm_(*factors)


def _weight_gradient(states: Tensor, grad_gates: Tensor, shifts: Sequence[int]) -> Tensor:
    """Give the gradient by the weight (taps, G, h, 4h): states (T - 1, G, N, h) against the gates of the step after."""
    steps, groups, places, _ = states.shape
    left, right = states.flatten(0, 1).transpose(1, 2), grad_gates.flatten(0, 1)
    ends = [_ends(shift, places) for shift in shifts]
    products = [torch.bmm(left[..., seen], right[:, looking]) for looking, seen in ends]
    return torch.stack([product.unflatten(0, (steps, groups)).sum(0) for product in products])


def cell_forward(
    entering: Tensor, hidden: Tensor, cell: Tensor, _zero: Tensor, _zeros: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """LSTM cell (Hochreiter & Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735) as torch's fused one.

    Args:
        entering: What the input adds to the input, forget, content and output gates (N, 4h).
        hidden: What the state adds to them, which is overwritten.
        cell: The cell before (N, h).

    Returns:
        The state, the cell, and the gates after their nonlinearities.
    """
    width = cell.shape[1]
    gates = hidden.add_(entering)
    content = gates[:, 2 * width : 3 * width].mul_(2.0)
    gates.sigmoid_()  # all at once: see `_tanh`
    content.mul_(2.0).sub_(1.0)
    entry, forget, _, output = gates.chunk(4, 1)
    cell = (forget * cell).addcmul_(entry, content)
    return _tanh(cell).mul_(output), cell, gates


def cell_backward(
    grad_state: Tensor, grad_cell: Tensor, before: Tensor, cell: Tensor, gates: Tensor, _has_bias: bool
) -> tuple[Tensor, Tensor, None]:
    """Gradient of `cell_forward`, with the arguments of torch's fused one.

    Args:
        grad_state: The gradient by the state (N, h).
        grad_cell: The gradient by the cell that comes from the next step.
        before: The cell before.
        cell: The cell.
        gates: The gates after their nonlinearities (N, 4h).

    Returns:
        The gradients by the gates (N, 4h), by the cell before, and by no bias.
    """
    entry, forget, content, output = gates.chunk(4, 1)
    bent = _tanh(cell)
    grad_gates = torch.empty_like(gates)
    grad_entry, grad_forget, grad_content, grad_output = grad_gates.chunk(4, 1)
    torch.mul(grad_state, bent, out=grad_output)
    inner = torch.ops.aten.tanh_backward(grad_state * output, bent).add_(grad_cell)
    for factor, grad_gate in ((content, grad_entry), (before, grad_forget), (entry, grad_content)):
        torch.mul(inner, factor, out=grad_gate)
    sigmoid = torch.ops.aten.sigmoid_backward.grad_input
    width = cell.shape[1]
    sigmoid(grad_gates[:, : 2 * width], gates[:, : 2 * width], grad_input=grad_gates[:, : 2 * width])
    sigmoid(grad_output, output, grad_input=grad_output)
    torch.ops.aten.tanh_backward.grad_input(grad_content, content, grad_input=grad_content)
    return grad_gates, inner.mul_(forget), None


def _tanh(x: Tensor) -> Tensor:
    """Give 2σ(2x) - 1, which takes a processor a third of the time of tanh."""
    return (2.0 * x).sigmoid_().mul_(2.0).sub_(1.0)
