"""Which spoilt real items a figure can't tell from real ones."""

import pytest
import torch

from gen_models.analysis.sanity import blurred, dealt, judged, noised, repeated, shuffled, stand_ins, standing_in
from gen_models.analysis.subject import Subject
from gen_models.cli import assembled
from gen_models.errors import UsageError
from gen_models.metrics.record import COPYING
from gen_models.metrics.stand_ins import REAL, failures, read_stand_ins, verdicts
from gen_models.run.build import build, build_data, build_model


def test_what_is_spoilt_and_what_stays():
    x = torch.rand(40, 3, 16, 16) * 2 - 1
    assert torch.equal(shuffled(x).flatten(2).sort().values, x.flatten(2).sort().values)
    colours = [{tuple(colour) for colour in picture.flatten(1).T.tolist()} for picture in (x[0], shuffled(x)[0])]
    assert colours[0] == colours[1], "the channels of a pixel stay together"
    assert len(repeated(x).unique(dim=0)) == 2
    assert len(repeated(x)) == 40
    assert blurred(torch.ones(2, 1, 8, 8)).allclose(torch.ones(2, 1, 8, 8))
    assert blurred(x).var() < 0.3 * x.var()
    assert torch.isclose((noised(torch.zeros(50, 1, 20, 20))).std(), torch.tensor(0.2), rtol=0.05)
    drawn = dealt(x)
    assert torch.equal(torch.cat([drawn(25), drawn(25)]), torch.cat([x, x[:10]]))


@pytest.fixture
def subject(compose_job):
    cfg = compose_job("model=vae", "network=mlp", "metrics=data_space", "metrics.metrics=[kid,precision]")
    source = build_data(cfg)
    return standing_in(Subject(build_model(cfg), source, build(cfg, "metrics")))


def test_a_distance_ranks_pictures_and_precision_cant_see_a_collapse(subject):
    sets = stand_ins(subject)
    training, _ = subject.real(10_000, held_out=False)
    known = {tuple(item) for item in training.flatten(1).tolist()}
    assert all(tuple(item) in known for item in sets["nearest copies"].flatten(1).tolist())
    found = judged(subject, sets)
    kid, precision = verdicts(found).values()
    assert kid["blurred"] == kid["pixels shuffled"] == precision["pixels shuffled"] == "worse"
    assert precision["few, repeated"] != "worse", "it does not look at variety"
    assert any(line.startswith("precision") and "few, repeated" in line for line in failures(found))


def test_real_stand_ins_are_no_copies_and_copies_are(subject):
    found = judged(subject, stand_ins(subject), ["memorisation"])
    share = {name: record.value for name, records in found.items() for record in records if record.metric == COPYING}
    assert share[REAL] < 0.8, "writers of training digits wrote no test digits"
    assert share["nearest copies"] > 0.95
    assert not [line for line in failures(found) if line.startswith(COPYING)]


def test_points_are_neither_blurred_nor_shuffled(compose_job):
    cfg = compose_job("model=vae", "data=toy2d", "network=mlp", "metrics=data_space", "metrics.n=100")
    source = build_data(cfg)
    subject = standing_in(Subject(build_model(cfg), source, build(cfg, "metrics")))
    assert list(stand_ins(subject)) == [REAL, "noised", "few, repeated", "nearest copies"]


def test_from_the_command_line(run_job, capsys):
    run = run_job("model=vae", "network=mlp", "turns=1")
    with pytest.raises(UsageError, match="there is no figure 'sharpnes'"):
        assembled()(["sanity", str(run), "--figures", "sharpnes"], standalone_mode=False)
    assembled()(["sanity", str(run), "--metrics", "data_space", "--n", "60"], standalone_mode=False)
    assert {path.name for path in (run / "evaluation").iterdir()} >= {"sanity.json", "sanity.png"}
    assert capsys.readouterr().out.splitlines()[-2:] == [f"{run}/evaluation/sanity.{form}" for form in ("png", "json")]
    count = len(read_stand_ins(run)[REAL])
    assembled()(["sanity", str(run), "--metrics", "data_space", "--n", "50", "--metric", "kid"], standalone_mode=False)
    assert len(read_stand_ins(run)[REAL]) == count + 1, "another protocol stands beside it"
