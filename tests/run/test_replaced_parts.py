"""What is written whole takes the place of a part of another class."""

import subprocess
import sys

import pytest
from omegaconf import OmegaConf

from gen_models.api.composing import compose
from gen_models.errors import UsageError
from gen_models.reports.plan.planned import blank

AVERAGE = "{_target_: gen_models.core.PowerAveraging, networks: [generator], std: 0.1}"
PRINCIPAL = "{_target_: gen_models.latents.Principal}"
SGD = "{_target_: torch.optim.SGD, lr: 0.1}"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("model=sngan", f"model.average={AVERAGE}"), "average"),
        (("model=dgn", "data.flip=false", f"model.start={PRINCIPAL}"), "start"),
        (("model=dgn", "model.flowing=true", f"+model.optimizers.latents={SGD}"), "optimizers.latents"),
        (("model=sngan", f"model.optimizers.generator={SGD}"), "optimizers.generator"),
        (("model=sngan", f"++model.optimizers.generator={SGD}"), "optimizers.generator"),
    ],
)
def test_nothing_is_left_of_a_part_of_another_class(words, part):
    word = next(word for word in words if f"{part}=" in word)
    cfg = compose([*words, "data=digits", "network=mlp"])
    found = OmegaConf.to_container(OmegaConf.select(cfg, f"model.{part}"))
    found.pop("_partial_", None)
    assert found == OmegaConf.to_container(OmegaConf.create(word.partition("=")[2]))


def test_an_optimizer_of_another_class_is_built_with_its_parameters_later():
    cfg = compose(["model=sngan", "data=digits", "network=mlp", f"model.optimizers.generator={SGD}"])
    blank(cfg)
    assert cfg.model.optimizers.generator._partial_


def test_options_of_the_same_class_are_changed_one_by_one():
    cfg = compose(["model=sngan", "model.optimizers.generator={_target_: torch.optim.Adam, lr: 0.1}"])
    assert cfg.model.optimizers.generator.betas == [0.5, 0.999]


def test_a_part_that_is_not_there_is_no_option():
    with pytest.raises(UsageError, match="model=sngan has no option 'avrage': did you mean"):
        compose(["model=sngan", f"model.avrage={AVERAGE}"])


OTHER_USE = """
import sys, hydra, gen_models
gen_models.compose(["model=sngan"])
with hydra.initialize_config_dir(sys.argv[1], version_base="1.3"):
    assert hydra.compose("config", ["+part={_target_: a.C}"]).part == {"_target_": "a.C", "kept": 1}
"""


def test_another_use_of_hydra_composes_as_ever(tmp_path):
    (tmp_path / "config.yaml").write_text("part: {_target_: a.B, kept: 1}")
    subprocess.run([sys.executable, "-c", OTHER_USE, tmp_path], check=True)
