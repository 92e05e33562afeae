"""The geometry of section 3 of Gregor et al. (2015)."""

import math

import pytest
import torch

from gen_models.networks.autoencoders.draw import LearnedStartLSTMCell, PlainReader, PlainWriter
from gen_models.networks.autoencoders.draw_attention import AttentiveReader, AttentiveWriter, Window
from tests.waves import digest, fill, waves

STATE = torch.randn(3, 4)


def aim(window, x=0.0, y=0.0, deviation=1e-2, distance=1.0, intensity=1.0):
    """Let the window choose this whatever the state: `distance` in pixels."""
    choice = [x, y, 2 * math.log(deviation), math.log(distance / window.spread), math.log(intensity)]
    torch.nn.init.zeros_(window.choose.weight)
    window.choose.bias.data = torch.tensor(choice)


@pytest.mark.parametrize("side", [27, 28])
def test_a_centred_window_of_the_pictures_size_reads_the_picture(side):
    reader = AttentiveReader((1, side, side), 4, size=side)
    aim(reader.window)
    x, error = torch.rand(2, 3, 1, side, side)
    assert torch.allclose(reader(x, error, STATE), torch.cat([x.flatten(1), error.flatten(1)], dim=1))


@pytest.mark.parametrize("size", [4, 5])
def test_filters_stand_symmetrically_around_the_centre(size):
    window = Window((1, 28, 20), 4, size)
    aim(window, deviation=1.0, distance=2.0)
    rows, columns, _ = window(STATE)
    offsets = 2.0 * torch.arange(size) - (size - 1)
    for filters, middle in ((rows, 14.5), (columns, 10.5)):
        means = filters @ torch.arange(1.0, filters.shape[2] + 1)
        assert torch.allclose(filters.sum(2), torch.ones(3, size))
        assert torch.allclose(means, (middle + offsets).expand(3, -1), atol=1e-3)


def test_x_goes_along_the_width_and_gamma_scales_what_is_read():
    reader = AttentiveReader((2, 7, 11), 4, size=1)
    aim(reader.window, x=0.5, y=-0.5, intensity=3.0)
    x, error = torch.rand(2, 3, 2, 7, 11)
    assert torch.allclose(reader(x, error, STATE), 3 * torch.cat([x[:, :, 1, 8], error[:, :, 1, 8]], dim=1))


def test_writing_is_the_transpose_of_reading_with_the_intensity_inverted():
    reader, writer = AttentiveReader((3, 9, 12), 4, size=5), AttentiveWriter((3, 9, 12), 4, size=5)
    writer.window.load_state_dict(reader.window.state_dict())
    x = torch.rand(3, 3, 9, 12)
    patch, intensity = writer.patch(STATE), reader.window(STATE)[2].view(3)
    seen = reader(x, x, STATE)[:, : patch[0].numel()]
    inner = (writer(STATE) * x).flatten(1).sum(1)
    assert torch.allclose(inner, (patch.flatten(1) * seen).sum(1) / intensity**2, atol=1e-5)


def test_a_window_far_outside_sees_the_edge_and_no_denormal_numbers():
    reader = AttentiveReader((1, 28, 28), 4)
    aim(reader.window, x=40.0, deviation=1.0, distance=1.0)
    rows, columns, _ = reader.window(STATE)
    assert torch.allclose(columns[..., -1], torch.ones(3, 5))
    assert ((rows == 0) | (rows > 1e-20)).all()
    reader(*torch.rand(2, 3, 1, 28, 28), STATE).sum().backward()
    assert torch.isfinite(reader.window.choose.bias.grad).all()


def test_without_attention_all_is_read_and_an_affine_map_is_written():
    reader, writer = PlainReader((1, 4, 4)), PlainWriter((1, 4, 4), 4)
    x, error = torch.rand(2, 3, 1, 4, 4)
    assert torch.equal(reader(x, error, STATE), torch.cat([x.flatten(1), error.flatten(1)], dim=1))
    assert torch.equal(reader(x, error, STATE), reader(x, error, -STATE))
    middle = 0.5 * (writer(STATE) + writer(-STATE))
    assert torch.allclose(middle, writer.to_canvas.bias.view(1, 4, 4).expand(3, -1, -1, -1), atol=1e-6)


def test_a_recurrence_learns_where_it_starts():
    cell = LearnedStartLSTMCell(2, 4)
    cell(torch.zeros(3, 2), cell.start(3))[0].sum().backward()
    assert (cell.initial.grad.abs().sum(1) > 0).all()


def test_a_recurrence_adds_up_in_float32_also_under_autocast():
    cell = LearnedStartLSTMCell(2, 4)
    x = torch.randn(3, 2)
    expected = cell(x, cell.start(3))
    with torch.autocast("cpu", torch.bfloat16):
        found = cell(x, cell.start(3))
        narrow = cell(x.bfloat16(), tuple(part.bfloat16() for part in expected))  # as layers before it would give them
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))
    assert {part.dtype for part in narrow} == {torch.float32}


def test_attention_refuses_points():
    with pytest.raises(ValueError, match="use network=draw"):
        AttentiveReader((2,), 4)


def test_windows_read_and_write_as_in_another_program():
    """No program of the authors is public; this one counts pixels from 0, and got our centres and no tolerance."""
    reader, writer = AttentiveReader((2, 7, 9), 5, size=4), AttentiveWriter((2, 7, 9), 5, size=4)
    fill(writer)
    for window in (reader.window, writer.window):
        window.choose.weight.data, window.choose.bias.data = torch.eye(5), torch.zeros(5)
    state, x, error = waves(3, 5, shift=0.25) / 2, waves(3, 2, 7, 9, shift=0.25), waves(3, 2, 7, 9, shift=0.75)
    # source: jbornschein/draw e9a8f3d, draw/attention.py: nn2att, read and write of ZoomableAttentionWindow
    expected = [0.169871, -0.210056, -0.103144, -0.063078, 0.374939, 0.326491]
    assert digest(reader(x, error, state)) == pytest.approx(expected, abs=1e-5)
    expected = [0.000108, 0.000631, 0.000559, -0.025406, 0.109712, -0.053272]
    assert digest(writer(state)) == pytest.approx(expected, abs=1e-5)
