"""MkDocs hook: the pages of the site that are no files of docs/, and links from all of them to sources.

`make docs` builds it. Pages of families end in what is read from the sources; README.md, CONTRIBUTING.md and
CHANGELOG.md are pages too; a link to any other file of the repository leads to a page that shows it, line by line.
"""

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.utils.meta import get_data

import gen_models
from gen_models.api.composing import composed
from gen_models.reports.catalogue import catalogue
from gen_models.reports.gallery import sections
from gen_models.reports.recipes import recipes
from gen_models.reports.site.family import part, repeating
from gen_models.reports.site.interface import reference
from gen_models.run.build import build_data, build_model
from gen_models.run.conf import PACKAGE

ROOT = PACKAGE.parent
FAMILIES = ROOT / "docs" / "families"
BESIDE = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Pages beside docs/, and what they are called on the site."""

LINK = re.compile(
    r"(?:(?<=\]\()|(?<=src=\")|(?P<html>(?<=href=\")))(?!https?:|#)(?P<path>[^()\s#\"]+)(?P<line>#[^()\s\"]*)?"
)
"""A link's target, in Markdown or in HTML, whose pages the builder leaves as they are."""

MORE = "\n[Its pictures in the gallery](../gallery/README.md#{}), with the commands that draw them.\n"

LANGUAGES = {".py": "python", ".yaml": "yaml", ".sh": "bash", ".sbatch": "bash", ".toml": "toml"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fill in the navigation: families by their groups, and pages that it does not name."""
    for entry in config.nav:
        if "Families" in entry:
            entry["Families"] = [entry["Families"], *({group: pages} for group, pages in grouped().items())]
    named = set(re.findall(r"[\w/]+\.md", str(config.nav)))
    others = sorted(path.name for path in (ROOT / "docs").glob("*.md") if path.name not in named)
    config.nav += [{"More": others}] if others else []
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Replace the pages by what they become, and add those that are linked to."""
    linked: set[str] = set()
    for name, (home, text) in pages().items():
        if (old := files.get_file_from_path(name)) is not None:
            files.remove(old)
        files.append(File.generated(config, name, content=rewritten(text, home, name, linked)))
    for path in sorted(linked):
        files.append(File.generated(config, f"source/{path}.md", content=source(path)))
    return files


def pages() -> dict[str, tuple[str, str]]:
    """Give each page's name on the site, the folder that its links start from, and its text."""
    found = {name: (".", (ROOT / path).read_text("utf-8")) for path, name in BESIDE.items()}
    for path in sorted((ROOT / "docs").rglob("*.md")):
        name = path.relative_to(ROOT / "docs").as_posix()
        found[name] = (f"docs/{PurePosixPath(name).parent}", path.read_text("utf-8"))
    shown = {
        picture.family for part in sections(ROOT / "docs" / "gallery" / "pictures.yaml") for picture in part.pictures
    }
    for name, models in families().items():
        home, text = found.get(f"families/{name}.md", ("docs/families", f"# {models[0]}\n"))
        more = MORE.format(name) if name in shown else ""
        found[f"families/{name}.md"] = (home, text + more + "\n" + "\n".join(map(generated, models)))
    return found | {"api.md": ("docs", reference(gen_models))}


def families() -> dict[str, list[str]]:
    """Give the pages of families and their models; a model that no page names has one to itself."""
    told = {path.stem: about(path)["models"].split() for path in sorted(FAMILIES.glob("*.md")) if path.stem != "README"}
    written = {model for models in told.values() for model in models}
    return told | {each.name: [each.name] for each in catalogue("model") if each.name not in written}


def grouped() -> dict[str, list[str]]:
    """Give the pages of families by group, both in the order of the overview."""
    overview = (FAMILIES / "README.md").read_text("utf-8")
    groups: dict[str, list[str]] = {name: [] for name in re.findall(r"^## (.+)", overview, re.MULTILINE)}
    for name in sorted(families(), key=lambda name: overview.rfind(f"]({name}.md)")):
        path = FAMILIES / f"{name}.md"
        groups.setdefault(about(path)["group"] if path.is_file() else "Others", []).append(f"families/{name}.md")
    return {name: pages for name, pages in groups.items() if pages}


def about(path: Path) -> dict[str, str]:
    """Read the head of a page: `models`, by spaces, and `group`."""
    return get_data(path.read_text("utf-8"))[1]


def generated(name: str) -> str:
    """Build a model and write its part of a page; links as from docs/families."""
    with composed([f"model={name}", "data=digits"]) as cfg:
        build_data(cfg)
        text = part(name, build_model(cfg), repeating(name, recipes()))
    return re.sub(r"\]\((gen_models|conf)/", r"](../../\1/", text)


def rewritten(text: str, home: str, page: str, linked: set[str]) -> str:
    """Let links to files of the repository lead to pages of the site.

    Args:
        text: A page.
        home: The folder that its links start from.
        page: Its name on the site.
        linked: Sources that are linked to, to which its own are added.
    """

    def target(found: re.Match[str]) -> str:
        path = normpath(f"{home}/{found['path']}")
        if not (ROOT / path).exists():
            return found[0]
        if (to := address(path)).startswith("source/"):
            linked.add(path)
        line = (found["line"] or "").replace("#L", "#__codelineno-0-")
        to = relpath(to, str(PurePosixPath(page).parent))
        return (to if found["html"] is None else built(to)) + line

    return LINK.sub(target, text.replace("<details>", "<details markdown>"))


def built(page: str) -> str:
    """Give the file that a page becomes."""
    return re.sub(r"\.md$", ".html", re.sub(r"README\.md$", "index.md", page))


def address(path: str) -> str:
    """Give the page of a file of the repository."""
    if path in BESIDE:
        return BESIDE[path]
    if (ROOT / path).is_dir():
        path = f"{path}/README.md"
    return path.removeprefix("docs/") if path.startswith("docs/") else f"source/{path}.md"


def source(path: str) -> str:
    """Show a file, with numbered lines that can be linked to; the search leaves it out."""
    file = ROOT / path
    text = file.read_text("utf-8") if file.is_file() else "\n".join(sorted(each.name for each in file.iterdir()))
    language = LANGUAGES.get(file.suffix, "text")
    fence = "`" * 8
    return f'---\nsearch: {{exclude: true}}\n---\n# {path}\n\n{fence}{language} linenums="1"\n{text}\n{fence}\n'
