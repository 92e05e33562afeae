"""Colours as a screen shows them: ICC profiles become sRGB, and transparent parts white.

https://www.color.org/icc_specs2.xalter
"""

import io
from functools import lru_cache

from PIL import Image, ImageCms

SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""The mode of an image whose ICC profile describes a colour space."""

Transform = ImageCms.ImageCmsTransform | None


def opaque(image: Image.Image) -> Image.Image:
    """Give the RGB image of one of mode L, LA, RGB, RGBA or CMYK, composited on white, in sRGB."""
    icc = image.info.get("icc_profile")
    if image.mode not in ("LA", "RGBA"):
        return in_srgb(image, icc)
    colour = in_srgb(image.convert(image.mode.removesuffix("A")), icc)
    return Image.composite(colour, Image.new("RGB", image.size, "white"), image.getchannel("A"))


def in_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert to RGB by a profile; one that is damaged or describes other images is passed over, as browsers do."""
    try:
        transform = _transform(icc, image.mode) if icc else None
        converted = ImageCms.applyTransform(image, transform) if transform else image
    except (ImageCms.PyCMSError, OSError, ValueError):
        converted = image
    return (converted or image).convert("RGB")


@lru_cache(maxsize=8)  # the images of a set have few profiles among them, and a transform takes longer than a use
def _transform(icc: bytes, mode: str) -> Transform:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    if SPACES.get(profile.profile.xcolor_space.strip()) != mode:
        raise ValueError("the profile describes images of another mode")
    if ImageCms.getProfileDescription(profile).startswith("sRGB"):
        return None
    return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
