"""What can be set is written down, by its full name and with its true default, and nothing else is."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from app.core.config import EngineSettings, Settings
from app.services.engines.registry import ENGINES, load
from app.sidecars.diffusion.settings import DiffusionSettings
from app.sidecars.hub import HubSettings
from app.sidecars.settings import SidecarSettings

ROOT = Path(__file__).resolve().parents[2]
SERVICE, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
ENGINES_PAGE = ROOT / "app/services/engines/README.md"
_NAME = re.compile(r"`([A-Z][A-Z0-9_]*)(?=[`=])")
_ROW = re.compile(r"^\| *(?P<names>`[A-Z].*?) *\| *(?P<default>.*?) *\|", re.M)
_SECTION = re.compile(r"^### (\w+/\w+)$(.*?)(?=^##|\Z)", re.M | re.S)
HOUSE = [f"{kind}/{provider}" for kind, providers in ENGINES.items() for provider in providers]


def page(path: Path) -> str:
    return path.read_text("utf-8")


def names_of(kind: type[BaseSettings], field: str, info: FieldInfo) -> list[str]:
    """The environment names of a setting, its own first."""
    alias = info.validation_alias
    older = alias.choices if isinstance(alias, AliasChoices) else [alias] if alias else []
    own = f"{kind.model_config.get('env_prefix', '')}{field}"
    return list(dict.fromkeys(str(name).upper() for name in [own, *older]))


def settings_of(name: str) -> list[type[EngineSettings]]:
    """The classes that an engine's own file defines, and the one that the engine has read."""
    kind, provider = name.split("/")
    module = importlib.import_module(ENGINES[kind][provider].partition(":")[0])
    found = [one for _, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__]
    read = type(getattr(load(kind, provider), "settings", None))
    return [one for one in dict.fromkeys([*found, read]) if issubclass(one, EngineSettings)]


def written(value: Any) -> str:
    """A default as the page shows it; nothing for none."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return f"`{value}`".lower()
    if isinstance(value, float):
        return f"`{value:.10g}`"
    if isinstance(value, list):
        value = ",".join(map(str, value))
    return f"`{value}`" if value not in (None, "", {}) else ""


def rows(text: str) -> Iterator[tuple[list[str], str]]:
    """Names and default of every row of a table of settings."""
    for row in _ROW.finditer(text):
        yield _NAME.findall(row["names"]), row["default"]


@pytest.mark.parametrize("name", HOUSE)
def test_every_setting_of_an_engine_stands_in_its_section_with_its_default(name: str) -> None:
    section = dict(_SECTION.findall(page(ENGINES_PAGE))).get(name)
    assert section is not None, f"{ENGINES_PAGE.relative_to(ROOT)} has no section {name}"
    defaults = {names[0]: default for names, default in rows(section)}
    known = {each for names, _ in rows(section) for each in names}
    for kind in settings_of(name):
        for field, info in kind.model_fields.items():
            names = names_of(kind, field, info)
            lacking = [each for each in names if each not in known]
            common = [each for each in names if "_" not in each]
            assert not common, f"{name}: {', '.join(common)} in an environment may be meant for anybody"
            assert not lacking, f"{name}: {', '.join(lacking)} is not in its section of the engines' README.md"
            told, true = defaults[names[0]], written(info.get_default(call_default_factory=True))
            assert told == true, f"{name}: {names[0]} has the default {true or 'none'}, not {told or 'none'}"


def test_no_setting_is_written_down_that_no_engine_reads() -> None:
    read = {
        each
        for name in HOUSE
        for kind in settings_of(name)
        for field, info in kind.model_fields.items()
        for each in names_of(kind, field, info)
    }
    told = {
        each for path in (ENGINES_PAGE, SERVICE, CHINESE) for each in re.findall(r"\bENGINE_[A-Z0-9_]+", page(path))
    }
    assert not told - read, f"nobody reads {', '.join(sorted(told - read))}"


def test_every_setting_of_the_service_is_written_down() -> None:
    told = set(_NAME.findall(page(SERVICE)))
    for field, info in Settings.model_fields.items():
        lacking = [each for each in names_of(Settings, field, info) if each not in told]
        assert not lacking, f"{', '.join(lacking)} is not in {SERVICE.name}"


@pytest.mark.parametrize("kind", [SidecarSettings, DiffusionSettings, HubSettings])
def test_every_setting_of_the_sidecars_is_written_down(kind: type[BaseSettings]) -> None:
    told = set(_NAME.findall(page(ENGINES_PAGE)))
    for field in kind.model_fields:
        # What every sidecar has stands there once, without the prefix.
        shared = field in SidecarSettings.model_fields or kind is HubSettings
        name = field.upper() if shared else f"DIFFUSION_{field.upper()}"
        assert name in told, f"{kind.__name__}: {name} is not in {ENGINES_PAGE.relative_to(ROOT)}"


@pytest.mark.parametrize(("path", "heading"), [(SERVICE, "## Engines"), (CHINESE, "## 引擎")])
def test_the_table_of_engines_names_every_engine_of_the_registry(path: Path, heading: str) -> None:
    lines = page(path).partition(f"\n{heading}\n")[2].strip().splitlines()
    table = list(takewhile(lambda line: line.startswith("|"), lines))
    found, kind = [], ""
    for row in table[2:]:
        first, second, *_ = (cell.strip() for cell in row.strip("|").split("|"))
        kind = first or kind
        found += [f"{kind}/{provider}" for provider in re.findall(r"`([a-z]+)`", second)]
    wrong = sorted(set(found) ^ set(HOUSE))
    assert not wrong, f"{path.name}: {', '.join(wrong)} is in the registry or in the table, and not in both"
