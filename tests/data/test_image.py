import numpy as np
import pytest
from PIL import Image as Pillow

from gen_models.data.image import Image
from gen_models.errors import UsageError


def test_a_photograph_is_there_without_a_download():
    photo = Image(size=32)
    x, y = photo.train.gather([0])
    assert x.shape == (1, 3, 32, 32)
    assert x.float().std() > 20
    assert photo.spec.items() >= {"shape": [3, 32, 32], "levels": 256, "num_classes": 0, "num_train": 1}.items()
    assert len(photo.test) == 1
    assert photo.fingerprint != Image(size=32, photo="china").fingerprint


def test_a_folder_holds_its_images_in_the_order_of_their_names(tmp_path):
    for name, grey in (("b", 200), ("a", 100)):
        Pillow.fromarray(np.full((20, 30), grey, np.uint8)).save(tmp_path / f"{name}.png")
    both = Image(str(tmp_path), size=8, grey=True).train
    assert both.gather([0, 1])[0][:, 0, 0, 0].tolist() == [100, 200]
    assert len(Image(str(tmp_path / "b.png"), size=8).train) == 1


def test_what_is_no_image_is_refused(tmp_path):
    (tmp_path / "x.png").write_text("no")
    for make in (
        lambda: Image(photo="cat"),
        lambda: Image(str(tmp_path / "y.png")).train,
        lambda: Image(str(tmp_path)).train,
    ):
        with pytest.raises(UsageError, match="choose china|There is no image|cannot be read"):
            make()


def test_the_white_of_images_of_8_bits_is_unread(tmp_path):
    assert Image(size=8, white=4095).unread == {"white": "no image in flower has more than 8 bits"}
    Pillow.fromarray(np.full((20, 30), 100, np.uint16)).save(tmp_path / "deep.png")
    assert not Image(str(tmp_path), size=8, white=4095).unread
