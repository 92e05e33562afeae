"""Templates of this folder filled in: words are text and never HTML, and what a page runs is named by its hash."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any

from markupsafe import Markup

FOLDER = "gen_models.reports"
STYLES = ("page.css", "vendor/uPlot.min.css")
SCRIPTS = ("vendor/uPlot.iife.min.js", "page.js")


def rendered(template: str, content: Mapping[str, Any]) -> str:
    """Fill a template: what a run's files say is text in it, or numbers.

    The page may run its own scripts and nothing else, and ask nobody for anything: its policy says so to the browser.
    """
    from jinja2 import Environment, StrictUndefined

    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    styles, scripts = ([Markup(_read(name)) for name in names] for names in (STYLES, SCRIPTS))
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hashes(styles)}; script-src {_hashes(scripts)}; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = {"styles": styles, "scripts": scripts, "policy": policy}
    return page.from_string(_read(template)).render(**parts, **content)


def data(content: Any) -> Markup:
    """JSON to stand within a script element: no sign in it can end that."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _read(name: str) -> str:
    return files(FOLDER).joinpath(name).read_text(encoding="utf-8")


def _hashes(texts: Sequence[str]) -> str:
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)
