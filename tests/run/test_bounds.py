"""Numbers beyond the bounds that parameters are annotated with are refused before anything is built."""

import re
from collections.abc import Sequence
from typing import Annotated

import pytest
from lightning import Callback
from omegaconf import OmegaConf

import gen_models.callbacks
import gen_models.data
import gen_models.experiments.theory
import gen_models.judges
import gen_models.losses
from gen_models.bounds import Above, AtLeast, AtMost, Below, Bound, Positive, Share
from gen_models.data.source import Source
from gen_models.errors import UsageError
from gen_models.run.check import check
from gen_models.run.hints import annotations, options, remarks
from gen_models.run.job_options import whole

BEYOND = {
    "augment.Adaptive target=2": "too large: it must be below 1.",
    "augment.Adaptive interval=0": "too small: it must be at least 1.",
    "augment.BGC cutout=1.5": "too large: it must be at most 1.",
    "augment.Holes share=1": "too large: it must be below 1.",
    "augment.Masking share=0": "too small: it must be above 0.",
    "augment.SaltAndPepper share=1.5": "too large: it must be at most 1.",
    "augment.Shift fraction=1": "too large: it must be below 1.",
    "augment.Small factor=1": "too small: it must be at least 2.",
    "augment.Told p=12": "too large: it must be at most 1.",
    "data.Avatars test_count=0": "too small: it must be at least 1.",
    "data.Digits batch_size=0": "too small: it must be at least 1.",
    "data.Folder max_bad=2": "too large: it must be at most 1.",
    "data.Folder validation_fraction=1": "too large: it must be below 1.",
    "data.Idx labelled=0": "too small: it must be at least 1.",
    "callbacks.Checkpoint keep=0": "too small: it must be at least 2.",
    "callbacks.Quality every=-5": "too small: it must be at least 0.",
    "callbacks.SampleGrids columns=0": "too small: it must be at least 1.",
    "constraints.WeightClipping limit=0": "too small: it must be above 0.",
    "core.Averaging halflife=-1": "too small: it must be at least 0.",
    "core.Doubling initial=0": "too small: it must be above 0.",
    "core.ExponentialDecay halflife=-1": "too small: it must be above 0.",
    "core.WarmUp turns=0": "too small: it must be at least 1.",
    "experiments.theory.AffineGenerator scale=0": "too small: it must be above 0.",
    "families.Backtracking drop=0": "too small: it must be above 0.",
    "families.DDPM terms=-2": "too small: it must be at least 1.",
    "families.ConsistencyModel sigma_data=0": "too small: it must be above 0.",
    "families.DRAW steps=0": "too small: it must be at least 1.",
    "families.EDM sigma_min=0": "too small: it must be above 0.",
    "families.EDM steps=0": "too small: it must be at least 1.",
    "families.EnergyBased fresh=2": "too large: it must be at most 1.",
    "families.FlowMatching steps=0": "too small: it must be at least 1.",
    "families.DeepImagePrior smoothing=1": "too large: it must be below 1.",
    "families.GAN dequantise=0": "too small: it must be at least 2.",
    "families.GAN critic_steps=0": "too small: it must be at least 1.",
    "families.GAN generator_batches=0": "too small: it must be at least 1.",
    "families.IWAE draws=0": "too small: it must be at least 1.",
    "families.InfoGAN information=-1": "too small: it must be at least 0.",
    "families.Langevin step=-1": "too small: it must be above 0.",
    "families.MADEEnsemble masks=0": "too small: it must be at least 1.",
    "families.MaskGIT smoothing=2": "too large: it must be below 1.",
    "families.MaskGIT steps=0": "too small: it must be at least 1.",
    "families.NoisyFlow sigma=0": "too small: it must be above 0.",
    "families.Palette colours=1": "too small: it must be at least 2.",
    "families.StyleGAN2 truncation=-1": "too small: it must be at least 0.",
    "families.TokenPrior space_images=-5": "too small: it must be at least 0.",
    "families.VAE accumulate=0": "too small: it must be at least 1.",
    "families.VAE clip_norm=0": "too small: it must be above 0.",
    "judges.Frechet queue=-1": "too small: it must be at least 0.",
    "latents.MixtureOfGaussians components=0": "too small: it must be at least 1.",
    "latents.Truncated limit=0": "too small: it must be above 0.",
    "losses.Dragan spread=-1": "too small: it must be at least 0.",
    "losses.NonSaturating target=5": "too large: it must be at most 1.",
    "losses.Gaussian sigma=0": "too small: it must be above 0.",
    "losses.GradientPenalty weight=-1": "too small: it must be at least 0.",
    "losses.Huber delta=-1": "too small: it must be above 0.",
    "losses.LogisticMixture components=0": "too small: it must be at least 1.",
    "losses.PathLength shrink=0": "too small: it must be at least 1.",
    "losses.R1 every=0": "too small: it must be at least 1.",
    "metrics.Classifier epochs=0": "too small: it must be at least 1.",
    "metrics.Scorer batch_size=0": "too small: it must be at least 1.",
    "metrics.Scorer n=1": "too small: it must be at least 2.",
    "metrics.Scorer n_real=1": "too small: it must be at least 2.",
    "networks.Glow levels=0": "too small: it must be at least 1.",
    "networks.RecurrentGenerator steps=0": "too small: it must be at least 1.",
}


@pytest.mark.parametrize("option", BEYOND)
def test_the_option_is_named(option):
    target, name, value = re.fullmatch(r"(\S+) (\w+)=(\S+)", option).groups()
    part = OmegaConf.create({"_target_": f"gen_models.{target}", name: float(value)})
    around = "callbacks" if target.startswith("callbacks") else "part"
    with pytest.raises(UsageError, match=re.escape(f"{around}.{name}={value}") + r"(\.0)? is " + BEYOND[option]):
        check(OmegaConf.create({around: part}), around)


def test_the_option_is_named_where_it_was_typed(compose_job):
    cfg = compose_job("callbacks.grids.n=0")
    with pytest.raises(UsageError, match=r"^callbacks\.grids\.n=0 is too small: it must be at least 1\.$"):
        check(cfg, "callbacks")


def test_nought_is_never_and_null_is_no_number_to_bound(compose_job):
    cfg = compose_job("callbacks.quality.every=0", "+callbacks.quality.held_out=null", "callbacks.watch.n=0")
    assert check(cfg, "callbacks")["quality"]["held_out"] is None


def test_no_number_is_within_bounds_that_is_none():
    bounds = [AtLeast(0), Above(0), AtMost(1), Below(1)]
    assert [bound.allows(float("nan")) for bound in bounds] == [False] * 4
    assert [bound.allows(1) for bound in bounds] == [True, True, True, False]
    assert [bound.allows(0) for bound in bounds] == [True, False, True, True]


class Bounded:
    """Takes bounded numbers, alone and where nothing will do, too."""

    def __init__(self, a: Share, b: Positive | None, c: Annotated[float | None, Above(0)], d: int = 0) -> None: ...


def test_bounds_are_read_of_members_of_a_union_too():
    assert remarks(Bounded) == {"a": [AtLeast(0), AtMost(1)], "b": [AtLeast(1)], "c": [Above(0)]}


def test_every_rhythm_of_a_callback_has_a_bound():
    packages = (gen_models.callbacks, gen_models.experiments.theory)
    found = [getattr(package, name) for package in packages for name in dir(package)]
    watching = [each for each in found if isinstance(each, type) and issubclass(each, Callback)]
    timed = [each for each in watching if "every" in (annotations(each) or {})]
    assert len(timed) > 10
    for each in timed:
        assert any(isinstance(remark, AtLeast) for remark in remarks(each).get("every", ())), each


def test_every_weight_of_a_loss_has_a_bound():
    """A term that is rewarded where it should be minimised trains without a word."""
    found = [getattr(package, name) for package in (gen_models.losses, gen_models.judges) for name in dir(package)]
    taking = [(each, name) for each in found for name in annotations(each) or {} if name.endswith("weight")]
    assert len(taking) > 10
    for each, name in taking:
        assert any(isinstance(remark, AtLeast) for remark in remarks(each).get(name, ())), (each, name)


ELSEWHERE = {"white", "noise"}
"""What data sets judge themselves: a white of a known depth, noise that leaves room for a shape."""


def test_every_number_of_a_data_set_has_a_bound():
    found = [getattr(gen_models.data, name) for name in dir(gen_models.data)]
    sets = [each for each in found if isinstance(each, type) and issubclass(each, Source)]
    assert len(sets) > 10
    for each in sets:
        for name, hint in (annotations(each) or {}).items():
            if {int, float} & set(options(hint)) and name not in {"seed", *ELSEWHERE}:
                assert any(isinstance(remark, Bound) for remark in remarks(each).get(name, ())), (each, name)


def test_every_data_set_may_do_without_validation_items():
    found = [getattr(gen_models.data, name) for name in dir(gen_models.data)]
    sets = [each for each in found if isinstance(each, type) and issubclass(each, Source)]
    counted = [remarks(each)["validation_count"] for each in sets if "validation_count" in (annotations(each) or {})]
    assert len(counted) > 5
    assert all(said == [AtLeast(0)] for said in counted)


class Unbounded:
    """Takes numbers without a bound."""

    def __init__(self, rate: float, rates: Sequence[float] = ()) -> None: ...


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_no_option_is_infinite_or_no_number(value):
    """A rate of inf makes weights nan after a turn, and no bound need be annotated for that."""
    plain = {"_target_": f"{__name__}.Unbounded", "rate": value}
    with pytest.raises(UsageError, match=rf"^part\.rate takes no {value}: give a finite number, or leave it out\.$"):
        check(OmegaConf.create({"part": plain}), "part", plugins=["tests"])
    with pytest.raises(UsageError, match=rf"^part\.rates\.1 takes no {value}"):
        check(OmegaConf.create({"part": {**plain, "rate": 1.0, "rates": [1.0, value]}}), "part", plugins=["tests"])
    with pytest.raises(UsageError, match=rf"^turns takes a whole number from 0 on, not '{value}'\.$"):
        whole(OmegaConf.create({"turns": value}), "turns")
