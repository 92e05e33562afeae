"""Completion: a shell is named, and each asks this program in words of its own."""

import pytest

from tests.cli.test_cli import typed  # noqa: F401 (a fixture)

SHELLS = ["bash", "zsh", "fish", "powershell", "pwsh"]


@pytest.fixture
def completed(monkeypatch, typed):  # noqa: F811
    """What a shell is told may stand in place of the last of these words."""

    def asked(*words, shell="bash"):
        line = ["gen-models", *words]
        monkeypatch.setenv("_GEN_MODELS_COMPLETE", f"complete_{shell}")
        monkeypatch.setenv("COMP_WORDS", " ".join(line))
        monkeypatch.setenv("COMP_CWORD", str(len(line) - 1))
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", " ".join(line))
        monkeypatch.setenv("_TYPER_COMPLETE_WORD_TO_COMPLETE", line[-1])
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        code, text = typed()
        assert code == 0, text
        return text

    return asked


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_completes_commands_and_options_of_a_training(shell, completed):
    assert "sample" in completed("sam", shell=shell)
    assert "model=vaegan" in completed("train", "model=vaeg", shell=shell)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_names_the_program_and_how_it_is_asked(shell, typed):  # noqa: F811
    code, text = typed("--show-completion", shell)
    assert (code, "gen-models" in text, "_GEN_MODELS_COMPLETE" in text) == (0, True, True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_is_installed_for_the_shell_that_is_named(shell, typed, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.setenv("HOME", str(tmp_path))
    code, text = typed("--install-completion", shell)
    assert (code, text.split(" completes ")[0] in map(str, tmp_path.rglob("*"))) == (0, True), text
    assert any("_GEN_MODELS_COMPLETE" in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


def test_a_shell_has_to_be_named_and_known(typed, monkeypatch):  # noqa: F811
    monkeypatch.setenv("PATH", "")
    assert typed("--install-completion", "tcsh")[0] == 2
    assert typed("--show-completion")[0] == 2
    assert typed("--install-completion", "pwsh")[1].startswith("pwsh is not on this machine: put what gen-models")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["model=va"], "model=vae model=vaegan"),
        (["model", "=", "va"], "vae vaegan"),  # as bash cuts it
        (["loss", "="], "hinge"),
        (["-m", "data=digits", "tur"], "turns="),
        (["model=vae", "model.latent"], "model.latent_dim="),
        (["model=nothing", "tur"], ""),
    ],
)
def test_options_of_a_training_are_completed(words, found, completed):
    text = completed("train", *words)
    assert set(found.split()) <= set(text.split())
    assert found or not text.strip()
