"""Likelihoods of held-out data, and what their protocols say."""

import json


def test_a_likelihood_given_the_class_stands_apart_from_one_that_is_not(run_job, tmp_path):
    """log p(x | y) may be log(classes) nats above log p(x): a board that ranked both would favour who is told."""
    said = {}
    for model in ("vae", "cvae"):
        run = run_job(f"model={model}", "loss=logistic", "turns=1", "metrics=none", run=tmp_path / model)
        records = json.loads((run / "evaluation" / "turn-000001.json").read_text())
        said[model] = next(record["protocol"] for record in records if record["metric"] == "bits per dimension")
    assert said["cvae"] == said["vae"] | {"given": "class"}
