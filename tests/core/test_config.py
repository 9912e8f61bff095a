"""Settings: a bad value stops the start with one sentence, and no secret shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.config import SettingsError, load_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _away_from_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVICE_PORT", "banana"),
        ("SERVICE_PORT", "70000"),
        ("QUEUE_LIMIT", "0"),
        ("DEFAULT_WAIT_S", "301"),
        ("OUTPUT_TRANSITION", "explode"),
        ("AIGC_LABEL_S", "1"),
        ("LOG_FORMAT", "xml"),
        ("DATABASE_URL", "postgresql://db/jobs"),
        ("OBJECTS", "oss"),
    ],
)
def test_a_bad_value_is_named_in_one_sentence(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert name in str(refused.value) and "\n" not in str(refused.value)


def test_an_open_server_binds_only_loopback_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_HOST", "0.0.0.0")
    with pytest.raises(SettingsError, match="API_KEYS"):
        load_settings()
    monkeypatch.setenv("ALLOW_OPEN_ACCESS", "true")
    assert load_settings().service_host == "0.0.0.0"


def test_the_environment_wins_over_the_file_and_dotenv_between(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("config.yaml").write_text("queue_limit: 5\noutput_fps: 25\nlog_level: DEBUG\nengines_image: [a, builtin]\n")
    Path(".env").write_text("OUTPUT_FPS=30\nLOG_LEVEL=WARNING\n")
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    settings = load_settings()
    assert (settings.queue_limit, settings.output_fps, settings.log_level) == (5, 30, "ERROR")
    assert settings.engines("image") == ["a", "builtin"]


def test_lists_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEYS", "one, acme:two ,")
    assert load_settings().api_keys == ["one", "acme:two"]


def test_an_empty_value_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_PORT", "")
    assert load_settings().service_port == 12345


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBACK_SECRET", "whsec_hidden")
    assert "hidden" not in repr(load_settings())


def test_the_service_stops_with_that_sentence_and_status_2(tmp_path: Path) -> None:
    environment = os.environ | {"SERVICE_PORT": "banana", "PYTHONPATH": str(ROOT), "DATA_DIR": str(tmp_path)}
    seen = subprocess.run(
        [sys.executable, "-m", "app.main"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert seen.returncode == 2 and "SERVICE_PORT" in seen.stderr and "Traceback" not in seen.stderr
    assert len(seen.stderr.strip().splitlines()) == 1
