"""What is printed when a run has ended."""

from gen_models.reports.summary import report


def test_places_are_named_from_here_or_wholly(run_job, monkeypatch, capsys, tmp_path):
    run = run_job("model=vae", "network=mlp", "turns=1")
    capsys.readouterr()
    monkeypatch.chdir(tmp_path)
    report(run, [])
    assert "gen-models sample run --n 64" in capsys.readouterr().out
    monkeypatch.chdir(run / "samples")
    report(run, [])
    printed = "".join(capsys.readouterr().out.split())
    assert f"{run}/report.html" in printed
    assert ".." not in printed
