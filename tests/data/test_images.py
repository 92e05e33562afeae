import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from gen_models.data.depth import WhiteUnknown
from gen_models.data.errors import BadImage
from gen_models.data.images import pixels

SHADES = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)


def test_sixteen_bit_greys_are_scaled_not_clipped(tmp_path):
    for name in ("a.png", "a.tif"):
        Image.fromarray(SHADES).save(tmp_path / name)
        read = pixels(tmp_path / name, 8, grey=True, white=65535)
        np.testing.assert_array_equal(read[..., 0], np.rint(SHADES / 257))


def test_the_orientation_of_the_camera_is_applied(tmp_path):
    image = Image.fromarray(np.repeat(np.array([[0, 255]], np.uint8), 2, axis=0))  # black left, white right
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    image.save(tmp_path / "a.png", exif=exif)
    assert pixels(tmp_path / "a.png", 2, grey=True)[..., 0].tolist() == [[0, 0], [255, 255]]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_colours_hidden_under_transparent_pixels_become_white(tmp_path, mode):
    image = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    if mode == "P":
        image = Image.new("P", (4, 4), 3)
        image.putpalette([200] * 768)
        image.save(tmp_path / "a.png", transparency=3)
    else:
        image.convert(mode).save(tmp_path / "a.png")
    assert (pixels(tmp_path / "a.png", 4) == 255).all()


def test_half_transparent_black_on_white_is_grey():
    assert pixels(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), 4)[0, 0].tolist() == [127] * 3


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "HSV", "LAB", "F", "I", "I;16"])
@pytest.mark.parametrize(("grey", "channels"), [(False, 3), (True, 1)])
def test_every_mode_becomes_8_bit_pixels(mode, grey, channels):
    image = pixels(Image.new(mode, (7, 5)), 4, grey=grey, white=255)
    assert image.shape == (4, 4, channels)
    assert image.dtype == np.uint8


def test_crop_keeps_the_centre_and_pad_keeps_everything():
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 10:20] = 200
    assert (pixels(Image.fromarray(wide), 10, "crop") == 200).all()
    padded = pixels(Image.fromarray(wide), 30, "pad", grey=True)[..., 0]
    assert (padded[:10] == 255).all()
    np.testing.assert_array_equal(padded[10:20], wide)


def test_shrinking_averages_instead_of_picking_pixels():
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    assert np.abs(pixels(Image.fromarray(board), 8).astype(int) - 127).max() <= 4


def _float(value):
    return Image.fromarray(np.full((4, 4), value, np.float32))


def test_float_images_are_scaled_by_white_or_refused():
    assert (pixels(_float(0.5), 4, white=1) == 128).all()
    assert (pixels(_float(90), 4, white=255) == 90).all()
    assert (pixels(_float(-1e-6), 4, white=1) == 0).all()
    for value in (float("nan"), -20, 300):
        with pytest.raises(BadImage, match="values"):
            pixels(_float(value), 4, white=255)
    with pytest.raises(WhiteUnknown):
        pixels(_float(0.5), 4)


def test_transparent_greys_of_16_bits_become_white(tmp_path):
    Image.fromarray(np.full((4, 4), 30000, np.uint16)).save(tmp_path / "a.png", transparency=30000)
    assert (pixels(tmp_path / "a.png", 4, white=65535) == 255).all()


def _swapped():
    """A profile whose red is the green of sRGB, and the reverse."""
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"----"), (b"gXYZ", b"rXYZ"), (b"----", b"gXYZ")):
        icc = icc.replace(old, new, 1)
    return icc.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def test_colour_profiles_are_converted_to_srgb(tmp_path):
    icc = _swapped()
    for name in ("a.png", "a.jpg", "a.tif"):
        Image.new("RGB", (64, 64), (255, 0, 0)).save(tmp_path / name, icc_profile=icc)
        red, green, blue = pixels(tmp_path / name, 4)[0, 0].tolist()
        assert green > 250
        assert max(red, blue) < 5
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(tmp_path / "a.png", icc_profile=icc)
    assert (pixels(tmp_path / "a.png", 4) == 255).all()


@pytest.mark.parametrize("icc", [b"no profile", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()])
def test_profiles_that_cannot_be_are_passed_over(tmp_path, icc):
    Image.new("RGB", (4, 4), (200, 10, 20)).save(tmp_path / "a.png", icc_profile=icc)
    assert pixels(tmp_path / "a.png", 4)[0, 0].tolist() == [200, 10, 20]


@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_large_jpegs_are_decoded_small_without_loss(tmp_path, fit):
    x, y = np.meshgrid(np.linspace(0, 12, 900), np.linspace(0, 9, 701))
    waves = np.stack([np.sin(x), np.cos(y), np.sin(x * y / 10)], -1)
    image = Image.fromarray(np.uint8(127.5 + 120 * waves))
    image.save(tmp_path / "a.jpg", quality=95)
    whole = Image.open(tmp_path / "a.jpg").copy()
    difference = pixels(tmp_path / "a.jpg", 32, fit).astype(int) - pixels(whole, 32, fit)
    assert np.abs(difference).mean() < 1
    assert np.abs(difference).max() <= 10


def _png_header(width, height, depth=16):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = zlib.compress(bytes(100))
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [8001, 10_000, 60_000])
def test_decompression_bombs_are_refused_by_their_header(tmp_path, side):
    (tmp_path / "a.png").write_bytes(_png_header(side, side))
    tracemalloc.start()
    with pytest.raises(BadImage, match="megapixels|too many pixels"):
        pixels(tmp_path / "a.png", 4, white=65535)
    assert tracemalloc.get_traced_memory()[1] < 1e6
    tracemalloc.stop()


def test_other_files_are_refused_with_a_reason(tmp_path):
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(BadImage, match="not an image"):
        pixels(tmp_path / "a.png", 4)
    (tmp_path / "a.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 4\n")
    with pytest.raises(BadImage, match="not an image"):
        pixels(tmp_path / "a.png", 4)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "gif", "tif"])
def test_damage_never_escapes_as_another_exception(tmp_path, kind):
    random = np.random.default_rng(0)
    path = tmp_path / f"a.{kind}"
    Image.fromarray(random.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(path)
    whole, refused = path.read_bytes(), 0
    for trial in range(40):
        broken = bytearray(whole[: random.integers(1, len(whole))] if trial % 2 else whole)
        for place in random.integers(len(broken), size=8):
            broken[place] ^= 0xFF
        path.write_bytes(broken)
        try:
            assert pixels(path, 8).shape == (8, 8, 3)
        except BadImage:
            refused += 1
    assert refused >= 15


def test_faces_of_celeba_are_cropped_as_karras_et_al_do():
    """tkarras/progressive_growing_of_gans, dataset_tool.py: img[121 - 64 : 121 + 64, 89 - 64 : 89 + 64]."""
    image = np.random.default_rng(0).integers(0, 256, (218, 178, 3), np.uint8)
    assert np.array_equal(pixels(Image.fromarray(image), 128, "celeba"), image[57:185, 25:153])
