"""Heads of configs as a table."""

import subprocess
import sys

import pytest

from gen_models.errors import UsageError
from gen_models.reports.catalogue import Entry, catalogue, entry
from gen_models.run.conf import CONF


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# WGAN-GP: gradients of norm 1 (Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028).\na: 1\n",
            ("WGAN-GP", "gradients of norm 1", "Gulrajani et al.", "2017", "https://arxiv.org/abs/1704.00028"),
        ),
        (
            "# @package _global_\n# Huber: squares, then lines (Huber, 1964).\n# More.\n",
            ("Huber", "squares, then lines", "Huber", "1964", ""),
        ),
        ("# Toys: numbers (and their density).\n", ("Toys", "numbers (and their density)", "", "", "")),
        ("# A head in another form\n", ("", "A head in another form", "", "", "")),
        ("a: 1\n# Later: no head.\n", ("", "", "", "", "")),
    ],
)
def test_a_head_says_title_purpose_paper_year_and_address(text, expected, tmp_path):
    file = tmp_path / "thing.yaml"
    file.write_text(text)
    assert entry(file) == Entry("thing", *expected)


def test_a_catalogue_has_every_file_of_its_group_and_no_shared_part():
    names = [each.name for each in catalogue("model")]
    assert names == sorted(file.stem for file in CONF.glob("model/*.yaml"))
    assert all(each.purpose for each in catalogue("model"))


def test_another_word_for_a_group_is_refused_by_the_nearest_one():
    with pytest.raises(UsageError, match="did you mean model"):
        catalogue("models")


def test_a_catalogue_is_read_without_torch():
    code = "import sys; from gen_models.reports.catalogue import catalogue; catalogue('model'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "lightning", "hydra"} & set(loaded)
