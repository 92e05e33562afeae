"""Options of callbacks that have nothing to do in a run: refused where they were typed, silent where they were not."""

import re

import pytest

from gen_models.analysis.subject import Subject
from gen_models.callbacks.idle import check_idle
from gen_models.errors import UsageError
from gen_models.run.build import build_data, build_model
from gen_models.run.choices import typed

GAN = "model=gan network=mlp"
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
BUSY = [
    GAN,
    f"{GAN} callbacks.films.every=0 callbacks.latents.every=0",
    f"{GAN} callbacks.histograms.every=5 logger=tensorboard",
    f"{GAN} callbacks=default ~callbacks.films",
    "model=vae network=mlp callbacks.latents.every=5 callbacks.quality.every=5",
    "model=glo network=mlp +callbacks.memories.n=4",
]


@pytest.fixture
def asked(compose_job):
    """Ask whether a job's callbacks have something to do."""

    def checked(options):
        cfg = compose_job(*options.split())
        data = build_data(cfg)
        check_idle(cfg, Subject(build_model(cfg), data), typed())

    return checked


@pytest.mark.parametrize("options", IDLE)
def test_what_was_typed_and_has_no_effect_is_refused(options, asked):
    words = options.split()[-1]
    with pytest.raises(UsageError, match=re.escape(IDLE[options])) as refusal:
        asked(options)
    assert str(refusal.value).startswith(f"{words} would be without effect, since")


@pytest.mark.parametrize("options", BUSY)
def test_what_nobody_typed_is_silent(options, asked):
    asked(options)


def test_a_job_is_refused_before_its_directory_is_made(run_job, tmp_path):
    with pytest.raises(UsageError, match="callbacks.films"):
        run_job(*GAN.split(), "turns=1", "callbacks.films.every=1")
    assert not (tmp_path / "run").exists()
