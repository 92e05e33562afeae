"""Options of callbacks that have nothing to do in a run: refused where they were typed, silent where they were not."""

import re

import pytest
import torch

from gen_models.analysis.objective import chosen_objective
from gen_models.analysis.subject import PIXELS, Subject
from gen_models.callbacks.idle import check_idle, check_options
from gen_models.errors import UsageError
from gen_models.run.build import build_data, build_metrics, build_model, build_trainer
from gen_models.run.choices import typed

TURNS = 20
GAN, VAE = "model=gan network=mlp", "model=vae network=mlp"
IDLE = {
    f"{GAN} callbacks.films.every=50": "callbacks.films needs a model whose sampling has steps to look at",
    f"{GAN} +callbacks.memories.n=4": "callbacks.memories needs a model with a latent for each training item",
    f"{GAN} callbacks.restorations.every=5": "callbacks.restorations needs a model that restores one damaged picture",
    f"{GAN} callbacks.latents.every=5": "callbacks.latents needs a model with a code for each sample",
    f"{GAN} callbacks.histograms.every=5": "callbacks.histograms needs a dashboard (logger=tensorboard",
    f"{GAN} callbacks.quality.every=0 +callbacks.quality.held_out=5": "callbacks.quality needs an every above 0",
    f"{GAN} callbacks.quality.every=5": "callbacks.quality needs metrics (metrics=…), since this model alone gives no",
    "model=dip data=image data.size=8 callbacks.latents.every=5": "needs a model with a code for each sample",
}
UNREAD = {
    f"{GAN} callbacks.watch.margin=1": "it goes by no figure (callbacks.watch.monitor)",
    f"{VAE} callbacks.watch.monitor=elbo callbacks.quality.every=0 callbacks.watch.patience=2": "no figure is taken",
    f"{VAE} ~callbacks.quality callbacks.checkpoint.monitor=elbo": "no figure is taken between turns",
    f"{GAN} callbacks.grids.every=0 callbacks.watch.distance=1": "no samples are drawn to look at",
    f"{GAN} ~callbacks.grids callbacks.watch.variation=1": "no samples are drawn to look at",
    f"{GAN} callbacks.watch.every=0 callbacks.watch.warmup=3": "callbacks.watch.every=0 looks at no losses",
    f"{GAN} callbacks.watch.every=0 callbacks.watch.n=3": "callbacks.watch.every=0 looks at no losses",
    f"{GAN} callbacks.watch.every=40": "callbacks.watch.every=40 looks at no losses within 20 turns",
    f"{GAN} callbacks.watch.every=40 callbacks.watch.n=3": "callbacks.watch.every=40 looks at no losses within 20",
    f"{GAN} metrics=data_space +callbacks.quality.held_out=5": "no figure of this model looks at held-out items",
}
BUSY = [
    GAN,
    f"{GAN} callbacks.films.every=0 callbacks.latents.every=0",
    f"{GAN} callbacks.histograms.every=5 logger=tensorboard",
    f"{GAN} callbacks=default ~callbacks.films",
    "model=vae network=mlp callbacks.latents.every=5 callbacks.quality.every=5",
    "model=glo network=mlp +callbacks.memories.n=4",
    f"{GAN} metrics=data_space objective=auto callbacks.watch.margin=1 callbacks.watch.distance=0.1",
    f"{GAN} log_every=40 callbacks.grids.every=40",
    f"{GAN} callbacks.grids.every=0 callbacks.watch.n=4 callbacks.watch.distance=0.1 callbacks.watch.warmup=3",
    f"{VAE} +callbacks.quality.held_out=5 callbacks.checkpoint.monitor=elbo",
]


@pytest.fixture
def asked(compose_job):
    """Ask whether a job's callbacks have something to do."""

    def checked(options):
        cfg = compose_job("~callbacks.progress", *options.split())
        data = build_data(cfg)
        subject = Subject(build_model(cfg), data, build_metrics(cfg) or PIXELS)
        cfg.objective = chosen_objective(cfg.objective, subject)
        check_idle(cfg, subject, typed())
        check_options(cfg, build_trainer(cfg, data), subject, TURNS, typed())

    return checked


@pytest.mark.parametrize("options", IDLE)
def test_what_was_typed_and_has_no_effect_is_refused(options, asked):
    words = options.split()[-1]
    with pytest.raises(UsageError, match=re.escape(IDLE[options])) as refusal:
        asked(options)
    assert str(refusal.value).startswith(f"{words} would be without effect, since")


@pytest.mark.parametrize("options", UNREAD)
def test_what_means_nothing_beside_the_others_is_refused(options, asked):
    with pytest.raises(UsageError) as refusal:
        asked(options)
    assert str(refusal.value).startswith(f"{options.split()[-1]} would be without effect, since")
    assert UNREAD[options] in str(refusal.value)


@pytest.mark.parametrize("options", BUSY)
def test_what_nobody_typed_is_silent(options, asked):
    asked(options)


def test_a_job_is_refused_before_its_directory_is_made(run_job, tmp_path):
    with pytest.raises(UsageError, match="callbacks.films"):
        run_job(*GAN.split(), "turns=1", "callbacks.films.every=1")
    assert not (tmp_path / "run").exists()


def test_a_model_is_not_changed_by_being_asked(compose_job):
    words = "~callbacks.progress model=infogan network.generator.width=8 +callbacks.quality.held_out=5"
    cfg = compose_job(*words.split())
    data = build_data(cfg)
    subject = Subject(build_model(cfg), data)
    before = {name: value.clone() for name, value in subject.model.state_dict().items() if torch.is_tensor(value)}
    with pytest.raises(UsageError, match="no figure of this model looks at held-out items"):
        check_options(cfg, build_trainer(cfg, data), subject, TURNS, typed())
    assert subject.model.training
    assert all(torch.equal(value, subject.model.state_dict()[name]) for name, value in before.items())
