"""What all plugins that are chosen by name must do."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from prip_core import PluginSettings


def check_settings(model: type[PluginSettings], settings: PluginSettings) -> None:
    """A plugin's settings are a frozen model that knows all its keys, and the plugin was built from one.

    :raises AssertionError: they are not.
    """
    assert isinstance(settings, model)
    assert model.model_config.get("frozen"), "settings are frozen"
    kinds = {problem["type"] for problem in _problems(model, {"no_such_setting_at_all": 1})}
    assert "extra_forbidden" in kinds, "unknown keys are forbidden"


def _problems(model: type[PluginSettings], values: dict[str, object]) -> list[ErrorDetails]:
    try:
        model.model_validate(values)
    except ValidationError as error:
        return error.errors()
    return []
