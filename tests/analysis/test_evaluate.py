"""Several judges of one model: they see the same samples, which are drawn once, and judge as each would alone."""

import json

import pytest
import torch
from omegaconf import OmegaConf

from gen_models.analysis.evaluate import EvaluationOptions, evaluate_run
from gen_models.analysis.held import Held
from gen_models.errors import UsageError
from gen_models.metrics.features import GENERATED
from gen_models.metrics.record import COPYING
from gen_models.randomness import isolated
from gen_models.run.build import build_data, build_model
from gen_models.run.conf import CONF

SMALL = {"n": 60, "metric": ("kid",), "figures": ("memorisation", "diversity")}


@pytest.fixture
def evaluated(compose_job, tmp_path, monkeypatch):
    """Evaluate an untrained model by files of conf/metrics; count the samples that it and its like draw."""
    cfg = compose_job("model=cvae", "network=mlp", "data=digits", f"paths.cache={tmp_path / 'cache'}")
    data, model, drawn = build_data(cfg), build_model(cfg), []
    sample = type(model).sample

    def counted(self, n, *words, **named):
        drawn.append((self is model, n))
        return sample(self, n, *words, **named)

    monkeypatch.setattr(type(model), "sample", counted)

    def taken(*judges, **asked):
        drawn.clear()
        options = EvaluationOptions(judges, **(SMALL | asked))
        records, _ = evaluate_run(tmp_path / "-".join(judges), cfg, model, data, options)
        return records, {own: sum(n for who, n in drawn if who is own) for own in (True, False)}

    return taken


def told(records):
    """What records say, without the seconds of this machine."""
    return [json.dumps(record.to_dict(), sort_keys=True) for record in records if "sample" not in record.metric]


def test_judges_see_the_same_samples_which_are_drawn_once(evaluated):
    alone, counts = {}, {}
    for judge in ("classifier", "data_space"):
        alone[judge], counts[judge] = evaluated(judge)
    together, both = evaluated("classifier", "data_space")
    assert both[True] == counts["classifier"][True] == counts["data_space"][True]
    by_data = [record for record in alone["data_space"] if "data space" in record.protocol.get("extractor", "")]
    assert told(together) == told([*alone["classifier"], *by_data])
    assert {record.metric for record in by_data} == {"KID", "MiFID", COPYING, "feature distance of reconstructions"}


def test_the_untrained_model_s_samples_are_drawn_once_for_all_judges(evaluated):
    assert evaluated("classifier", "data_space")[1][False] == SMALL["n"]


def test_a_judge_that_is_none_is_named(evaluated):
    with pytest.raises(UsageError, match="there is no metrics=lite1: did you mean lite"):
        evaluated("data_space", "lite1")


def test_judges_of_boards_draw_as_many_at_a_time_for_else_they_share_nothing():
    files = [OmegaConf.load(CONF / f"metrics/{name}.yaml") for name in ("lite0", "lite2", "data_space")]
    assert {(each.batch_size, each.n) for each in files} == {(100, 1000)}


def test_what_is_held_is_what_would_be_drawn_and_leaves_generators_as_drawing_does():
    held, times = Held(), []

    def draw(n, y):
        times.append(n)
        return torch.randn(n, 2)

    def both(who="a", seed=0, y=None):
        with isolated(GENERATED, seed, 0):
            return torch.cat([held.drawn(who, draw, 3, y), held.drawn(who, draw, 2, y), torch.rand(1, 2)])

    first = both()
    with isolated(GENERATED, 0, 0):
        plain = torch.cat([torch.randn(3, 2), torch.randn(2, 2), torch.rand(1, 2)])
    assert torch.equal(first, plain)
    assert torch.equal(both(), plain)
    assert times == [3, 2]
    assert not torch.equal(both(seed=1), plain)
    both(y=torch.tensor([1, 2, 3])), both("b")
    assert times == [3, 2] * 4


def test_what_there_is_no_room_for_is_drawn_again():
    held, times = Held(room=24), []

    def draw(n, y):
        times.append(n)
        return torch.randn(n, 2)

    for _ in range(2):
        with isolated(GENERATED, 0, 0):
            found = [held.drawn("a", draw, 3, None), held.drawn("a", draw, 2, None)]
    assert times == [3, 2, 2]
    assert [len(x) for x in found] == [3, 2]


@pytest.mark.parametrize(("name", "value"), [("n", 0), ("n_real", 1), ("held_out", 1), ("draws", 0)])
def test_fewer_than_there_have_to_be_are_refused_before_any_work(name, value):
    with pytest.raises(UsageError, match=f"evaluate.{name}={value} is too small"):
        EvaluationOptions(**{name: value})
