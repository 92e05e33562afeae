import pytest

LATENTS = "callbacks.latents={_target_: gen_models.callbacks.LatentMaps, folder: '${paths.run}/maps', every: 2}"


@pytest.mark.slow
def test_models_with_codes_are_mapped(run_job):
    run = run_job("model=aae", "network=mlp", "turns=3", f"++{LATENTS}")
    assert sorted(path.name for path in (run / "maps").iterdir()) == ["latents-000002.png", "latents-000003.png"]
