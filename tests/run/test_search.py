"""A search: Optuna proposes, jobs answer, and what was interrupted goes on without repeating itself."""

import math

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus
from omegaconf import OmegaConf

from gen_models.errors import UsageError
from gen_models.reports.status import statuses
from tests.conftest import CONF
from tests.run.test_sweeps import PSNR, swept  # noqa: F401 (a fixture)

optuna = pytest.importorskip("optuna", minversion="4", reason="pip install '.[optuna]'")

from gen_models.run.search import LOOKED_AT, RESULTS, SearchOptions, search  # noqa: E402
from gen_models.run.search_space import divided  # noqa: E402

TPE = OmegaConf.create({"_target_": "optuna.samplers.TPESampler"})
X = "x=interval(-1.0,1.0)"


def parsed(*words):
    return OverridesParser.create().parse_overrides(list(words))


class Bench:
    """Jobs that are a formula of their options; some fail, and one may be interrupted."""

    def __init__(self, folder, storage="file"):
        self.folder, self.jobs, self.interrupted, self.failing = folder, [], None, ()
        self.storage = f"sqlite:///{folder}/study.db" if storage == "file" else None

    def launch(self, jobs, first):
        results = []
        for number, job in enumerate(jobs, first):
            self.jobs.append(job)
            if len(self.jobs) == self.interrupted:
                raise SystemExit(75)
            values = dict(word.split("=") for word in job)
            failed = number in self.failing
            figure = float(values["x"]) ** 2 + float(values.get("y", 0))
            result = JobReturn(status=JobStatus.FAILED if failed else JobStatus.COMPLETED)
            result._return_value = ValueError("no") if failed else figure
            result.hydra_cfg = OmegaConf.create({"hydra": {"runtime": {"output_dir": str(self.folder / "none")}}})
            results.append(result)
        return results

    def play(self, *words, trials=6, batch=1, seed=0, sampler=TPE):
        asked = SearchOptions("study", self.storage, "minimize", trials, batch, sampler, seed)
        search(asked, parsed(*words), self.launch, self.folder)
        return self.jobs

    @property
    def study(self):
        return optuna.load_study(study_name="study", storage=self.storage)


def test_an_interrupted_search_ends_as_one_that_was_not(tmp_path):
    whole = Bench(tmp_path / "whole").play(X, "z=3", trials=14)
    bench = Bench(tmp_path / "cut")
    bench.interrupted = 12
    with pytest.raises(SystemExit):
        bench.play(X, "z=3", trials=14)
    cut = bench.play(X, "z=3", trials=14)
    assert cut[11] == cut[12]  # the one that was interrupted, which goes on in its directory
    assert [*cut[:11], *cut[12:]] == whole
    assert bench.play(X, "z=3", trials=14) == cut  # nothing is left
    assert len(bench.play(X, "z=3", trials=15)) == 16
    assert len({tuple(job) for job in bench.jobs}) == 15
    assert all(job[0] == "z=3" for job in bench.jobs)


def test_failed_trials_are_told_as_failed_and_the_others_count(tmp_path):
    bench = Bench(tmp_path)
    bench.failing = (1, 3)
    bench.play(X, trials=5, batch=2)
    assert [trial.state.name for trial in bench.study.trials] == "COMPLETE FAIL COMPLETE FAIL COMPLETE".split()
    result = OmegaConf.load(tmp_path / RESULTS)
    assert result.best_value == min(trial.value for trial in bench.study.trials if trial.value is not None)


def test_a_figure_that_is_no_number_is_a_failure(tmp_path):
    bench = Bench(tmp_path)
    with pytest.raises(UsageError, match="no trial of the search could be measured"):
        bench.play("x=interval(0,1)", f"y={math.nan}", trials=2)
    assert {trial.state.name for trial in bench.study.trials} == {"FAIL"}


def test_it_finds_what_is_good(tmp_path):
    bench = Bench(tmp_path, storage="memory")
    bench.play(X, "y=choice(0,1,2)", trials=30)
    result = OmegaConf.load(tmp_path / RESULTS)
    assert result.best_value < 0.02
    assert result.best_params.y == "0"
    assert sum("y=0" in job for job in bench.jobs[10:]) > 10  # chance is seven of twenty
    again = Bench(tmp_path, storage="memory")
    assert again.play(X, "y=choice(0,1,2)", trials=30) == bench.jobs  # by its seed
    assert Bench(tmp_path, storage="memory").play(X, "y=choice(0,1,2)", trials=3, seed=1) != bench.jobs[:3]


def test_a_study_is_of_one_search(tmp_path):
    bench = Bench(tmp_path)
    bench.play(X, "z=1", trials=1)
    with pytest.raises(UsageError, match=r"study searched under other options \(z=1, z=2\): choose another study=…"):
        bench.play(X, "z=2", trials=2)
    with pytest.raises(UsageError, match="needs an option that varies"):
        bench.play("x=1", trials=2)


def test_a_study_goes_on_in_its_own_space_only(tmp_path):
    bench = Bench(tmp_path)
    bench.play(X, trials=1)
    with pytest.raises(UsageError, match=r"other options \(x in -1.0 to 1.0, x in -1.0 to 2.0\): choose another study"):
        bench.play("x=interval(-1.0,2.0)", trials=1)


@pytest.mark.parametrize("storage", ["foo", "sqlite:///{}/damaged.db", "nosuch://localhost/x"])
def test_a_study_that_can_not_be_kept_is_refused_and_leaves_no_folder(tmp_path, storage):
    (tmp_path / "damaged.db").write_text("garbage")
    bench = Bench(tmp_path / "study")
    bench.storage = storage.format(tmp_path)
    with pytest.raises(
        UsageError, match=r"the study can't be kept in hydra\.sweeper\.storage=.* \(.+\): give an address"
    ):
        bench.play(X)
    assert not bench.folder.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("n_trials", "abc", "n_trials takes int, not 'abc'"),
        ("n_trials", 0, "n_trials=0 is too small: it must be at least 1"),
        ("n_jobs", None, "n_jobs takes int, not null"),
        ("direction", "up", "direction takes minimize or maximize, not 'up'"),
    ],
)
def test_an_option_of_the_sweeper_is_checked(name, value, said):
    given = {"study_name": 1, "storage": None, "direction": "minimize", "n_trials": 2, "n_jobs": 1, "sampler": TPE}
    assert SearchOptions.checked({**given, "seed": 0}).n_trials == 2
    with pytest.raises(UsageError, match=said):
        SearchOptions.checked({**given, "seed": 0, name: value})


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("a=interval(4,0.1)", "a is searched between 4.0 and 0.1: give the smaller end first."),
        ("a=tag(log,interval(0,1))", "a is searched from 0.0 on a logarithmic scale, which begins above 0"),
    ],
)
def test_an_interval_that_is_none_is_refused(word, said):
    with pytest.raises(UsageError, match=said):
        divided(parsed(word))


@pytest.mark.parametrize("sampler", [{"_target_": "optuna.samplers.Nope"}, {**TPE, "bogus": 1}])
def test_a_sampler_that_there_is_not_is_refused_and_leaves_no_folder(tmp_path, sampler):
    bench = Bench(tmp_path / "study")
    with pytest.raises(UsageError, match="hydra.sweeper.sampler can't be built as .*: name a class of optuna.samplers"):
        bench.play(X, sampler=OmegaConf.create(sampler))
    assert not bench.folder.exists()


@pytest.mark.parametrize(
    ("word", "low", "high", "extra"),
    [
        ("a=interval(1,4)", 1.0, 4.0, (False, None)),
        ("a=int(interval(1,4))", 1, 4, (False, 1)),
        ("a=tag(log,interval(1e-5,1e-3))", 1e-5, 1e-3, (True, None)),
        ("a=range(1,8,3)", 1, 7, (False, 3)),
        ("a=range(0.0,1.0,0.25)", 0.0, 0.75, (False, 0.25)),
    ],
)
def test_numbers_are_searched_between_their_ends(word, low, high, extra):
    space, fixed = divided(parsed(word, "b=2"))
    found = space["a"]
    assert (found.low, found.high, found.log, found.step) == (low, high, *extra)
    assert type(found.low) is type(low)
    assert fixed == ["b=2"]


@pytest.mark.parametrize(
    ("word", "texts"),
    [("a=hinge,wasserstein", ("hinge", "wasserstein")), ("a=choice([1,2],[3])", ("[1,2]", "[3]")),
     ("a=range(3,0,-1)", ("3", "2", "1")), ("a=1,null", ("1", "null"))],
)  # fmt: skip
def test_choices_stay_as_they_were_typed(word, texts):
    assert divided(parsed("a=1", word))[0]["a"].choices == texts  # the last one counts


SPACE = ["sweep=search", "model=vae", "hydra.sweeper.params=null", "model.beta=interval(0.1, 4)", "callbacks=default"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["objective=psnr"], "objective=psnr is no figure that this model and these metrics give"),
        (["objective=auto"], "a search goes by a figure, and these metrics give none: say objective=…, one of "),
        ([PSNR], "look for the worst psnr_of_reconstructions: say hydra.sweeper.direction=maximize."),
        (
            [PSNR, "hydra.sweeper.direction=maximize", "data.validation_count=0"],
            "a search chooses by validation items, and the data has none",
        ),
    ],
)
def test_a_figure_that_a_search_can_not_go_by_is_refused_before_it_begins(words, told, swept, tmp_path):  # noqa: F811
    code, text = swept(*SPACE, *words)
    assert code == 2
    assert told in text
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_a_search_goes_the_way_of_its_figure_and_no_other(tmp_path, swept):  # noqa: F811
    words = [*SPACE, PSNR, "hydra.sweeper.n_trials=2"]
    assert swept(*words, "hydra.sweeper.direction=maximize")[0] == 0
    assert [status.state for status in statuses(tmp_path / "runs" / "search")] == ["done"] * 2
    study = optuna.load_study(study_name="search", storage=f"sqlite:///{tmp_path}/runs/search/study.db")
    assert OmegaConf.load(tmp_path / "runs" / "search" / RESULTS).best_value == study.best_value
    code, text = swept(*words, "hydra.sweeper.direction=minimize")
    assert code == 2
    assert "search searches by hydra.sweeper.direction=maximize: say so, or choose another study=…." in text


def test_only_a_search_that_has_not_begun_is_checked(tmp_path):
    bench, checked = Bench(tmp_path / "search"), []
    asked = SearchOptions("study", bench.storage, "minimize", 2, 1, TPE, 0)
    for _ in range(2):
        search(asked, parsed(X, "y=1"), bench.launch, bench.folder, checked.append)
    assert [jobs[0] for jobs in checked] == bench.jobs[:1]
    assert len(checked[0]) == LOOKED_AT


def test_a_first_job_that_can_not_be_built_fails_by_itself(swept, tmp_path):  # noqa: F811
    words = [word for word in SPACE if "beta" not in word]
    code, text = swept(*words, "model.latent_dim=-1,2", PSNR, "hydra.sweeper.n_trials=2", "hydra.sweeper.seed=3")
    assert code == 0
    assert "trial 0 failed: model.latent_dim=-1" in text
    assert sorted(status.state for status in statuses(tmp_path / "runs" / "search")) == ["done", "failed"]


def test_a_search_of_which_no_job_could_begin_is_refused_once(swept, tmp_path):  # noqa: F811
    words = [word for word in SPACE if "beta" not in word]
    code, text = swept(*words, "model.latent_dim=-1,-2", PSNR, "hydra.sweeper.n_trials=2")
    assert code == 2
    assert text.count("\n") == 1
    assert "model.latent_dim must be at least 1, and is -" in text
    assert not (tmp_path / "runs").exists()


def test_the_sweeper_has_every_option_that_is_asked():
    given = OmegaConf.load(CONF / "hydra" / "sweeper" / "optuna.yaml")
    own = {"_target_", "_recursive_", "params"}
    assert set(given) - own == set(SearchOptions.__dataclass_fields__)
