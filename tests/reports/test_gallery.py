"""The gallery: a list of pictures, and the page that is made of it."""

import re

import pytest
from PIL import Image

from gen_models.errors import UsageError
from gen_models.reports.gallery import page, sections
from tests.conftest import CONF

DOCS = CONF.parent / "docs"
LIST = DOCS / "gallery" / "pictures.yaml"
in_checkout = pytest.mark.skipif(not DOCS.is_dir(), reason="a source distribution has no docs")
ENTRY = "{{file: {0}.png, family: vae, shows: A `code` & more, command: gen-models sample RUN, minutes: {1}}}"


@pytest.fixture
def listed(tmp_path):
    """List pictures of some sizes, all of one section and family."""
    (tmp_path / "families").mkdir()
    (tmp_path / "families" / "vae.md").write_text("# VAE: a bound\n")
    (tmp_path / "gallery").mkdir()

    def written(*sizes, text=None):
        for number, size in enumerate(sizes):
            Image.new("L", size).save(tmp_path / "gallery" / f"{number}.png")
        entries = ", ".join(ENTRY.format(number, number + 1) for number in range(len(sizes)))
        file = tmp_path / "gallery" / "pictures.yaml"
        file.write_text(text or f"- title: Two words\n  pictures: [{entries}]\n")
        return file

    return written


def test_a_cell_names_the_family_the_picture_the_command_and_the_minutes(listed):
    file = listed((242, 242))
    text = page(sections(file), file.parent)
    assert "- [Two words](#two-words): [VAE](#vae)\n" in text
    assert text.count(' id="vae"') == 1
    image = '<img src="0.png" width="242" alt="VAE: A code &amp; more">'
    cell = [
        '<b><a href="../families/vae.md">VAE</a></b>',
        f'<a href="0.png">{image}</a>',
        "A <code>code</code> &amp; more",
        "<code>gen-models sample RUN</code>",
        "<i>1 minute on one core</i>\n",
    ]
    assert "<br>\n".join(cell) in text


def test_two_pictures_share_a_row_and_wide_ones_have_one_to_themselves(listed):
    file = listed((242, 242), (1000, 200), (484, 484), (484, 484), (100, 100))
    text = page(sections(file), file.parent)
    rows = [re.findall(r'src="(\d)\.png" width="(\d+)"', row) for row in text.split("<tr>")[1:]]
    assert rows == [[("0", "242")], [("1", "728")], [("2", "364"), ("3", "364")], [("4", "100")]]
    assert text.count("colspan") == 1


def test_a_list_that_is_not_its_folder_is_refused(listed):
    whole = listed((9, 9), (9, 9)).read_text()
    for text, words in (
        (whole.replace("1.png", "0.png"), "lists twice 0.png"),
        (whole.replace("1.png", "2.png"), "does not list 1.png"),
        (whole.replace("]", ", {file: 5.png, shows: None}]"), "lists what is not there: 5.png"),
        (whole.replace("shows: A `code` & more, ", ""), "a picture says no shows: add one"),
        (whole.replace("minutes", "minuets"), "a picture has no minuets: did you mean minutes"),
    ):
        with pytest.raises(UsageError, match=words):
            sections(listed(text=text))


def test_a_family_without_a_page_is_refused(listed):
    file = listed((9, 9))
    file.write_text(file.read_text().replace("vae", "vea"))
    with pytest.raises(UsageError, match="vea has no page"):
        page(sections(file), file.parent)


@in_checkout
def test_the_page_of_the_docs_is_what_its_list_gives():
    assert (DOCS / "gallery" / "README.md").read_text() == page(sections(LIST), LIST.parent)


@in_checkout
def test_families_stand_in_the_order_of_their_overview():
    overview = (DOCS / "families" / "README.md").read_text()
    groups = re.findall(r"^## (.+)", overview, re.MULTILINE)
    for section, pictures in sections(LIST):
        families = list(dict.fromkeys(picture.family for picture in pictures if picture.family))
        assert families == sorted(families, key=lambda family: overview.rfind(f"]({family}.md)"))
        assert not families or section in groups
        for family in families:
            assert f"\ngroup: {section}\n" in (DOCS / "families" / f"{family}.md").read_text()
