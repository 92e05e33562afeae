import sys
import wave
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gen_models.data.speech import Speech
from gen_models.data.waves import companded, sound
from gen_models.errors import UsageError
from gen_models.media.audio import expanded
from gen_models.media.pixels import to_levels, to_unit_range

LENGTH = 256


def tone(count, volume=0.5, rate=8000):
    return volume * np.sin(2 * np.pi * 440 * np.arange(count) / rate)


def write(path, *channels, rate=8000, bits=16):
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.stack(channels, 1)
    coded = (samples * 127 + 128).round().astype("u1") if bits == 8 else (samples * 32767).round().astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), bits // 8, rate, 0, "NONE", ""))
        file.writeframes(coded.tobytes())


@pytest.fixture
def make(tmp_path):
    for name in range(4):
        write(tmp_path / "anna" / f"{name}.wav", tone(2 * LENGTH + 9, 0.2 + 0.1 * name))
        write(tmp_path / "bert" / f"{name}.WAV", tone(2 * LENGTH + 9, 0.6 + 0.1 * name))
    return lambda **settings: Speech(str(tmp_path), **({"length": LENGTH} | settings))


def volumes(items):
    x, _ = items.gather(range(len(items)))
    return [round(float(loudest), 1) for loudest in expanded(to_unit_range(x)).amax((1, 2))]


def test_the_mu_law_is_undone_within_half_a_level():
    x = torch.linspace(-1, 1, 4001, dtype=torch.float64)
    levels = torch.from_numpy(companded(x.numpy()))
    assert companded(np.array([-1.0, 0.0, 1.0])).tolist() == [0, 128, 255]
    assert (levels.int().diff() >= 0).all()
    assert torch.equal(to_levels(to_unit_range(levels), 256), levels.long())
    slope = np.log(256) * (1 / 255 + x.abs())  # of the inverse
    assert ((expanded(to_unit_range(levels)) - x).abs() <= 1.02 * slope / 255).all()


def test_windows_are_cut_from_files_of_their_own(make):
    source = make(test_fraction=0.25)
    assert source.spec.items() >= {"shape": [1, LENGTH], "levels": 256, "num_classes": 0, "num_train": 12}.items()
    train, test = volumes(source.train), volumes(source.test)
    assert sorted(set(train) | set(test)) == [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert not set(train) & set(test)
    assert len(test) == 4
    assert volumes(make(test_fraction=0.25, seed=1).test) != test


def test_silence_is_dropped(make, tmp_path):
    write(tmp_path / "c.wav", np.concatenate([np.zeros(LENGTH), tone(LENGTH, 0.1)]))
    assert len(make().train) + len(make().test) == 17
    assert len(make(silence=0.1).train) + len(make(silence=0.1).test) == 16


def test_subfolders_can_be_classes(make, tmp_path):
    source = make(label="folder")
    assert source.class_names == ("anna", "bert")
    y = source.train.gather(range(len(source.train)))[1]
    assert [volume > 0.55 for volume in volumes(source.train)] == (y == 1).tolist()
    write(tmp_path / "c.wav", tone(LENGTH))
    with pytest.raises(UsageError, match="in no class"):
        _ = make(label="folder").train


def test_widths_channels_and_rates_are_brought_together(tmp_path):
    x = tone(4000)
    write(tmp_path / "8.wav", x, bits=8)
    write(tmp_path / "stereo.wav", x, np.zeros(4000))
    assert np.abs(sound(tmp_path / "8.wav", 8000) - x).max() < 0.01
    assert np.abs(sound(tmp_path / "stereo.wav", 8000) - x / 2).max() < 1e-4
    whistle = tone(8000, 0.3, 16000 / 15)  # 6.6 kHz, which 8,000 samples a second cannot hold
    write(tmp_path / "fast.wav", tone(8000, rate=16000) + whistle, rate=16000)
    slowed = sound(tmp_path / "fast.wav", 8000)
    assert len(slowed) == 4000
    assert np.abs(slowed - x)[200:-200].max() < 0.01


def test_damaged_files_are_skipped_up_to_a_share_and_named_beyond_it(make, tmp_path, caplog):
    whole = (tmp_path / "anna" / "0.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[:-100])
    source = make(max_bad=0.2)
    assert len(source.train) + len(source.test) == 16
    assert "1 of 9 files" in caplog.text
    assert "cut.wav (damaged: it ends too early)" in caplog.text
    with pytest.raises(UsageError, match=r"More than 1.00% .* cut.wav \(damaged"):
        _ = make().train
    (tmp_path / "cut.wav").write_text("no wave file")
    with pytest.raises(UsageError, match="no wave file"):
        _ = make().train
    with pytest.raises(UsageError, match=r"8000 samples a second are too few: set data.rate=8000"):
        _ = make(rate=16000).train


def test_hidden_sounds_and_those_of_a_sample_are_passed_over(make, tmp_path, caplog):
    expected = len(make().train)
    write(tmp_path / ".trash" / "a.wav", tone(LENGTH))
    write(tmp_path / "anna" / "click.wav", tone(1, rate=44100), rate=44100)
    (tmp_path / "anna" / "song.mp3").touch()
    assert len(make().train) == expected
    assert f"{tmp_path}: left out: .mp3 1." in caplog.text


def test_folders_and_settings_that_cannot_serve_are_refused(make, tmp_path):
    with pytest.raises(UsageError, match="There is no folder"):
        _ = Speech(str(tmp_path / "nowhere")).train
    write(tmp_path / "alone" / "a.wav", tone(LENGTH))
    with pytest.raises(UsageError, match="There are 1 sound files with windows|No file in .* has a window"):
        _ = Speech(str(tmp_path / "alone")).train
    with pytest.raises(UsageError, match="lower data.length"):
        _ = make(length=10_000).train
    for wrong in ({"label": "name"}, {"test_fraction": 0.5, "validation_fraction": 0.5}):
        with pytest.raises(UsageError, match=next(iter(wrong))):
            make(**wrong)


def test_the_fingerprint_follows_files_and_settings(make, tmp_path):
    first = make().fingerprint
    assert make(batch_size=3).fingerprint == first
    assert make(silence=0.02).fingerprint != first
    write(tmp_path / "anna" / "0.wav", tone(LENGTH))
    assert make().fingerprint != first


def test_flac_files_are_read_by_an_optional_package(make, tmp_path, monkeypatch):
    def read(path, dtype, always_2d):
        if "bad" in path:
            raise RuntimeError("unknown format")
        return np.stack([tone(2 * LENGTH, 0.9)] * 2, 1), 8000

    (tmp_path / "anna" / "5.flac").write_bytes(b"")
    (tmp_path / "anna" / "bad.flac").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "soundfile", SimpleNamespace(read=read))
    source = make(test_fraction=0, max_bad=0.2)
    assert len(source.train) == 18
    assert 0.9 in volumes(source.train)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(UsageError, match="pip install soundfile"):
        _ = make().train
