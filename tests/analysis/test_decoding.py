"""A program that has left a run draws what the run's model draws."""

from copy import deepcopy

import pytest
import torch

from gen_models import load
from gen_models.analysis.decoding import traced, write_onnx, write_program
from gen_models.analysis.latent_space import space_of
from gen_models.errors import UsageError
from gen_models.run.build import build_data, build_model

QUICK = {
    "aae": ["network=mlp"],
    "progan": ["network.generator.width=4", "network.generator.limit=8", "model.latent_dim=8"],
}
LONG = {
    "biggan": ["network.generator.width=4"],
    "glow": ["network.flow.steps=2", "network.flow.width=8"],
    "realnvp": ["network.flow.width=4"],
    "nice": [],
    "tarflow": ["network.flow.size=8"],
    "spline_flow": [],
    "edm": ["model.steps=2"],
    "gran": [],
}
NAMES = [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in LONG)]


@pytest.fixture
def trained(run_job):
    """Train for two turns, then move all weights: zeros, as in a flow's last layers, would hide mistakes."""

    def made(name):
        run = run_job(f"model={name}", *(QUICK | LONG)[name], "turns=2", "~callbacks.grids", "~callbacks.films")
        model = load(run)
        torch.manual_seed(0)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.05 * torch.randn_like(parameter))
        return model

    return made


def decoding(model, n=5):
    """Draws of the prior, by the names of a program's inputs, and what the model makes of them."""
    space, y = space_of(model), torch.arange(n) % max(1, model.classes)
    with model.evaluating("test"):
        z = space.draw(n, y)
        return {"z": z} | ({"y": y} if model.classes else {}), space.decode(z, y)


def alike(drawn, expected):
    """The same samples; of a flow's pixels, which are levels, one may lie on the edge of its bin."""
    assert drawn.shape == expected.shape
    assert ((drawn - expected).abs() > 1e-4).float().mean() < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_a_program_of_torch_draws_the_same(name, trained, tmp_path):
    model = trained(name)
    given, expected = decoding(model)
    write_program(traced(deepcopy(model)), tmp_path / "new" / "model.pt2")
    alike(torch.export.load(tmp_path / "new" / "model.pt2").module()(*given.values()), expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*QUICK, *LONG])
def test_a_graph_of_onnx_draws_the_same(name, trained, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="pip install '.[onnx]'")
    pytest.importorskip("onnxscript", reason="pip install '.[onnx]'")
    model = trained(name)
    given, expected = decoding(model)
    file, program = tmp_path / "new" / "model.onnx", traced(deepcopy(model))
    if name == "glow":
        with pytest.raises(UsageError, match="ONNX has no operator for linalg_solve_triangular of torch"):
            write_onnx(program, file)
        assert not file.parent.exists()
        return
    write_onnx(program, file)
    (drawn,) = onnxruntime.InferenceSession(str(file)).run(["x"], {name: x.numpy() for name, x in given.items()})
    alike(torch.from_numpy(drawn), expected)


@pytest.mark.parametrize("name", ["vqvae", "draw"])
def test_what_maps_no_latents_is_refused(name, compose_job):
    cfg = compose_job(f"model={name}")
    build_data(cfg)
    with pytest.raises(UsageError, match="no latents with a prior, which a program would map to samples"):
        traced(build_model(cfg))
