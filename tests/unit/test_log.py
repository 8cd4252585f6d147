"""Logging: to standard error, in two forms, from a level upwards."""

from __future__ import annotations

import json

import pytest
import structlog

from prip_core import log


def test_json_is_one_object_for_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", "json")
    logger = structlog.get_logger("prip")
    logger.debug("too little")
    logger.info("product published", product="x", size=3)
    try:
        int("broken")
    except ValueError:
        logger.exception("failed")
    output, errors = capsys.readouterr()
    assert output == ""
    first, second = map(json.loads, errors.splitlines())
    assert first.pop("timestamp").endswith("Z")
    assert first == {"event": "product published", "level": "info", "product": "x", "size": 3}
    assert second["exception"][0]["exc_type"] == "ValueError"


def test_text_is_plain_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("warning", "text")
    structlog.get_logger("prip").info("not this")
    structlog.get_logger("prip").warning("child died", child="serve")
    output, errors = capsys.readouterr()
    assert output == ""
    assert "child died" in errors
    assert "child=serve" in errors
    assert "not this" not in errors
    assert "\x1b" not in errors


def test_names_of_files_do_not_speak_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", "text")
    structlog.get_logger("prip").info("product rejected", product="\x1b[31mred", reason="\u202eturned and\x1b[2J")
    _, errors = capsys.readouterr()
    assert "product=\\x1b[31mred" in errors
    assert "reason='\\u202eturned and\\x1b[2J'" in errors
    assert errors.strip().isprintable()
