"""Logging: ids on every line, one JSON object a line, no values of variables."""

from __future__ import annotations

import json
import logging

import pytest
from loguru import logger

from app.core.logging import log_ids, setup_logging


def test_json_lines_carry_the_ids(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("INFO", "json")
    with log_ids(job="j1"), log_ids(shot="shot_01"):
        logger.info("made {}", "a clip")
    line = json.loads(capsys.readouterr().err)
    assert (line["message"], line["job"], line["shot"]) == ("made a clip", "j1", "shot_01")


def test_readable_lines_survive_braces_and_markup(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("INFO", "text")
    with log_ids(request="{0} <red>"):
        logger.info("a {name} and <b>")
        logging.getLogger("uvicorn").info("from the standard library: %s", "{x}")
    text = capsys.readouterr().err
    assert "a {name} and <b> [request={0} <red>]" in text and "from the standard library: {x}" in text


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_logged_exception_shows_no_values_of_variables(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("INFO", form)
    password = "hunter2"
    try:
        raise RuntimeError(f"failed with {len(password)} characters")
    except RuntimeError:
        logger.exception("it broke")
    text = capsys.readouterr().err
    assert "failed with 7 characters" in text and "hunter2" not in text
