import sys
from types import ModuleType

import pytest
import torch

from gen_models.errors import UsageError
from gen_models.metrics.fidelity import CLIP, HUB, DINOv2, Inception
from gen_models.metrics.pretrained import weights_digest


class Network(torch.nn.Module):
    """Stands for an extractor of torch-fidelity: takes bytes, gives a tuple."""

    def __init__(self, name, features):
        super().__init__()
        if "no-such" in name:
            raise ValueError(f"Model {name} not found")
        self.register_buffer("draw", torch.rand(1))

    def forward(self, x):
        assert x.dtype == torch.uint8
        assert x.shape[1] == 3
        return (x.float().mean((2, 3)),)


@pytest.fixture
def fidelity(monkeypatch):
    """torch-fidelity, of which only the extractors' names are."""
    for name, extractor in {"clip": "CLIP", "dinov2": "DinoV2"}.items():
        module = ModuleType(f"torch_fidelity.feature_extractor_{name}")
        setattr(module, f"FeatureExtractor{extractor}", Network)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(sys.modules, "torch_fidelity", ModuleType("torch_fidelity"))


@pytest.mark.parametrize(("extractor", "model"), [(CLIP, "clip-vit-b-32"), (DINOv2, "dinov2-vit-s-14")])
def test_features_of_other_networks_are_named_after_them(fidelity, monkeypatch, tmp_path, extractor, model):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / HUB).mkdir()
    state = torch.get_rng_state()
    made = extractor(model)
    assert torch.equal(torch.get_rng_state(), state)
    features, logits = made(torch.ones(2, 1, 8, 8))
    assert torch.equal(features, torch.full((2, 3), 255.0))
    assert logits is None
    assert made.protocol["extractor"] == made.name == model
    torch.rand(1)  # other weights
    other = extractor(model)
    assert made.protocol["weights"] == weights_digest(made.network) != other.protocol["weights"]


def test_code_of_others_is_not_downloaded_unasked(fidelity, monkeypatch, tmp_path):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(UsageError, match=r"torch.hub.load\('facebookresearch/dinov2', 'dinov2_vitl14'\)"):
        DINOv2()


def test_weights_that_cannot_be_had_are_one_sentence(fidelity):
    with pytest.raises(UsageError, match="The weights of no-such cannot be had .*: choose metrics=lite0"):
        CLIP("no-such")


@pytest.mark.parametrize("extractor", [Inception, CLIP, DINOv2])
def test_a_missing_package_is_one_sentence_with_the_fix(monkeypatch, extractor):
    for name in [name for name in sys.modules if name.split(".")[0] == "torch_fidelity"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(UsageError, match="pip install torch-fidelity -c constraints.txt") as refusal:
        extractor()
    assert "\n" not in str(refusal.value)


def test_inception_with_other_weights_is_not_called_fid(tmp_path, monkeypatch):
    try:
        from torch_fidelity import feature_extractor_inceptionv3 as inceptionv3
    except Exception as cause:  # not always an ImportError: see `Inception`
        pytest.skip(f"torch-fidelity cannot be imported: {cause}")
    network = inceptionv3.FeatureExtractorInceptionV3
    monkeypatch.setattr(inceptionv3, "load_state_dict_from_url", lambda *_, **__: {})
    with monkeypatch.context() as patch:
        patch.setattr(network, "load_state_dict", lambda *_: None)
        torch.save(network("random", ["2048"]).state_dict(), tmp_path / "random.pth")
    extractor = Inception(str(tmp_path / "random.pth"))
    features, logits = extractor(torch.zeros(2, 1, 8, 8))
    assert (features.shape, logits.shape) == ((2, 2048), (2, 1008))
    assert extractor.name == "InceptionV3 (random.pth)"
    with pytest.raises(UsageError, match="metrics.extractor.weights=PATH"):
        Inception(str(tmp_path / "absent.pth"))
