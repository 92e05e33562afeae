"""Many samples as files."""

import pytest
import torch

from gen_models.media.many import save_samples


def drawn(n, broken=False):
    yield torch.zeros(n, 1, 2, 2)
    if broken:
        raise KeyboardInterrupt


def test_a_folder_is_filled_once_all_samples_are_drawn(tmp_path):
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "notes.txt").touch()
    save_samples(drawn(3), 3, None, folder, 1, 1)
    with pytest.raises(KeyboardInterrupt):
        save_samples(drawn(1, broken=True), 2, None, folder, 1, 1)
    assert sorted(path.name for path in folder.iterdir()) == [*(f"00000{i}.png" for i in range(3)), "notes.txt"]
    save_samples(drawn(1), 1, None, folder, 1, 1)
    assert sorted(path.name for path in folder.iterdir()) == ["000000.png", "notes.txt"]
