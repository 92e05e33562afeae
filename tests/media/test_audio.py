"""What is drawn can be heard and seen."""

import wave

import numpy as np
import pytest
import torch
from lightning.pytorch.loggers import TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gen_models.data.waves import companded
from gen_models.media.audio import FRAME, joined, save_sound, spectrograms
from gen_models.media.pictures import grid
from gen_models.media.pixels import to_unit_range
from gen_models.run.loggers import log_sound

RATE = 8000


@pytest.fixture
def tones():
    """Three sounds of 500, 1,000 and 2,000 Hz, at half of full scale."""
    time = np.arange(1024) / RATE
    samples = np.stack([0.5 * np.sin(2 * np.pi * hertz * time) for hertz in (500, 1000, 2000)])
    return torch.from_numpy(samples).float(), to_unit_range(torch.from_numpy(companded(samples)))[:, None]


def test_a_file_holds_the_sounds_with_pauses(tones, tmp_path):
    samples, sounds = tones
    save_sound(joined(sounds, RATE, pause=0.01), RATE, tmp_path / "new" / "a.wav")
    with wave.open(str(tmp_path / "new" / "a.wav")) as file:
        assert file.getparams()[:4] == (1, 2, RATE, 3 * (1024 + 80))
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(3, -1) / 32767
    assert np.abs(heard[:, :1024] - samples.numpy()).max() < 0.02
    assert not heard[:, 1024:].any()


def test_a_spectrogram_is_darkest_at_the_tone(tones):
    pictures = spectrograms(tones[1])
    assert pictures.shape == (3, 1, FRAME // 2 + 1, 1 + 1024 // 64)
    darkest = FRAME // 2 - pictures[:, 0, :, 8].argmin(1)
    assert darkest.tolist() == [16, 32, 64]
    assert pictures[:, 0, :, 8].amin(1) == pytest.approx([-1 + 2 * 6.02 / 80] * 3, abs=0.02)  # half of full scale
    assert (spectrograms(torch.zeros(1, 1, 300)) == 1).all()
    assert grid(tones[1]).shape[0] == 3


def test_dashboards_play_it(tones, tmp_path):
    logger = TensorBoardLogger(str(tmp_path), name="", version="")
    samples = joined(tones[1], RATE)
    log_sound([logger], "sounds", samples, RATE, tmp_path / "a.wav", 7)
    logger.experiment.close()
    events = EventAccumulator(str(tmp_path), size_guidance={"audio": 0}).Reload()
    (event,) = events.Audio("sounds")
    assert (event.step, event.sample_rate, event.length_frames) == (7, RATE, len(samples))


@pytest.mark.slow
def test_a_run_on_speech_leaves_sounds(run_job, tmp_path):
    for name in "abc":
        save_sound(torch.sin(torch.arange(400.0)), RATE, tmp_path / "voices" / f"{name}.wav")
    data = ["data=speech", f"data.root={tmp_path}/voices", "data.length=80", "data.batch_size=2"]
    run = run_job("model=wavenet", *data, "network.causal.depth=3", "turns=2", "callbacks.grids.n=4")
    with wave.open(str(run / "samples" / "turn-000002.wav")) as file:
        assert (file.getframerate(), file.getnframes()) == (RATE, 4 * (80 + RATE // 10))
    assert (run / "samples" / "turn-000002.png").is_file()
