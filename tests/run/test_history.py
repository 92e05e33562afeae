"""What is logged is read back, by one reader."""

from gen_models.run.csv_logger import RunCSV
from gen_models.run.history import METRICS, history, rows


def test_rows_are_read_as_they_were_logged_with_no_value_where_there_was_none(tmp_path):
    logger = RunCSV(str(tmp_path / METRICS))
    logger.log_metrics({"loss": 0.5}, 1)
    logger.log_metrics({"fid": 2.0}, 2)
    assert history(tmp_path) == [{"turn": 1, "loss": 0.5}, {"turn": 2, "fid": 2}]
    assert rows(tmp_path / METRICS)[1] == {"turn": "2", "loss": "", "fid": "2"}


def test_where_nothing_was_logged_there_is_nothing_to_read(tmp_path):
    assert history(tmp_path) == rows(tmp_path / METRICS) == []
