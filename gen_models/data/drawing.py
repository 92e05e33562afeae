"""Cartoon avatars of the DiceBear styles, drawn from vectors. Imported by worker processes: no torch here.

https://www.dicebear.com; each style has an author and a licence of its own, see `licence`.
"""

import difflib
import io
import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import resvg_py
from dicebear import Avatar, Style
from PIL import Image

from gen_models.errors import UsageError

WITHOUT_FONTS_BLANK = {"initials"}


def styles() -> tuple[str, ...]:
    """Names of the styles that can be drawn."""
    names = {path.name.removesuffix(".json") for path in files("dicebear_styles").iterdir() if ".json" in path.name}
    return tuple(sorted(names - WITHOUT_FONTS_BLANK))


def definition(style: str) -> dict[str, Any]:
    """The vectors and terms of a style.

    Raises:
        UsageError: If there is no such style; names the nearest.
    """
    known = styles()
    if style not in known:
        near = difflib.get_close_matches(style, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(f"There is no avatar style '{style}'.{hint} Styles: {', '.join(known)}.")
    return json.loads(files("dicebear_styles").joinpath(f"{style}.json").read_text("utf-8"))


def licence(style: str) -> str:
    """Title, author and licence of a style, as its terms ask to be named."""
    meta = definition(style)["meta"]
    return f"{meta['source']['name']} by {meta['creator']['name']}, {meta['license']['name']}"


def draw(style: str, size: int, seed: str) -> tuple[np.ndarray, dict[str, str]]:
    """Draw one avatar on white: (size, size, 3) uint8, and the attributes that were drawn, by name."""
    avatar = Avatar(_style(style), {"seed": seed, "size": size})
    png = resvg_py.svg_to_bytes(
        svg_string=avatar.to_string(), width=size, height=size, background="#ffffff", skip_system_fonts=True
    )
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")), _attributes(avatar.to_json()["options"])


def attributes(style: str, seed: str) -> dict[str, str]:
    """Draw the attributes of an avatar, by name, without its image."""
    return _attributes(Avatar(_style(style), {"seed": seed}).to_json()["options"])


@cache  # parsed once a process
def _style(name: str) -> Style:
    return Style(definition(name))


def _attributes(options: dict[str, Any]) -> dict[str, str]:
    """Shapes and colours; positions and angles are left out. A gradient's colours are joined by a plus sign."""
    chosen = {name: value for name, value in options.items() if name.endswith(("Variant", "Color")) and value}
    return {name: value if isinstance(value, str) else "+".join(value) for name, value in chosen.items()}
