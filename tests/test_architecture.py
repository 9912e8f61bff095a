"""The rules of the house, held by a test: who may import whom, and how large a room may grow."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "app"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in APP.rglob("*.py")
}

ORDER = [
    ["app.core"],
    ["app.sidecars"],
    ["app.client"],
    ["app.models"],
    ["app.storage"],
    ["app.services.media"],
    ["app.services.engines"],
    ["app.services.workflows"],
    ["app.services"],
    ["app.api"],
    ["app.supervisor"],
    ["app.main", "app.worker", "app.cleanup"],
]
"""Rooms from low to high: a room imports its own and lower ones. The longest prefix names a module's room."""

MAY_BE_IMPORTED_BY_WORKFLOWS = {"app.services.callbacks", "app.services.stories"}
"""Services that only read and change documents; the workflows' steps call them."""


def room(module: str) -> int:
    ranks = [(len(name), rank) for rank, names in enumerate(ORDER) for name in names if _within(module, name)]
    assert ranks, f"{module} belongs to no room"
    return max(ranks)[1]


def _within(module: str, name: str) -> bool:
    return module == name or module.startswith(name + ".")


def imports(path: Path, *, at_load: bool = False) -> Iterator[str]:
    """Modules that a file imports; with ``at_load`` only those that importing it really loads."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if at_load and (typing_only or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))):
            skipped.update(id(inner) for inner in ast.walk(node))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            base = node.module or ""
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in MODULES else base


def users_of(package: str) -> set[str]:
    return {name for name, path in MODULES.items() if any(_within(used, package) for used in imports(path))}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_room_imports_only_its_own_and_lower_rooms(module: str) -> None:
    for used in imports(MODULES[module]):
        if not used.startswith("app.") or used in MAY_BE_IMPORTED_BY_WORKFLOWS:
            continue
        assert room(used) <= room(module), f"{module} imports {used}"


def test_media_and_engines_never_import_storage() -> None:
    for module in users_of("app.storage"):
        assert not _within(module, "app.services.media") and not _within(module, "app.services.engines"), module


def test_a_sidecar_imports_only_its_own_room_and_the_errors() -> None:
    for module in (name for name in MODULES if _within(name, "app.sidecars")):
        for used in imports(MODULES[module]):
            assert not used.startswith("app.") or _within(used, "app.sidecars") or used == "app.core.errors"


def test_the_client_can_be_copied_into_another_project() -> None:
    for module in (name for name in MODULES if _within(name, "app.client")):
        for used in imports(MODULES[module]):
            assert not used.startswith("app.") or _within(used, "app.client"), module


def test_pyav_is_used_only_by_media_and_by_what_writes_a_sidecar_s_clips() -> None:
    rooms = ("app.services.media", "app.sidecars")
    assert all(any(_within(module, room) for room in rooms) for module in users_of("av"))


def test_processes_are_started_only_by_the_supervisor_and_the_step_runner() -> None:
    allowed = {"app.supervisor", "app.services.workflows.runner", "app.services.workflows.child"}
    assert users_of("subprocess") | users_of("multiprocessing") <= allowed
    pattern = re.compile(r"create_subprocess_(exec|shell)|os\.(fork|exec|spawn|system|popen)")
    for module, path in MODULES.items():
        assert module in allowed or not pattern.search(path.read_text("utf-8")), module


def test_the_job_runtime_is_touched_only_by_its_rooms() -> None:
    for module in users_of("dbos"):
        allowed = module in {"app.services.job_runtime", "app.services.jobs"}
        assert allowed or _within(module, "app.services.workflows"), module


def test_only_settings_read_the_environment() -> None:
    pattern = re.compile(r"os\.(environ|getenv)")
    allowed = {"app.core.config", "app.supervisor", "app.services.workflows.runner", "app.services.workflows.child"}
    for module, path in MODULES.items():
        # The supervisor and the runner hand the environment on to the processes that they start.
        assert module in allowed or not pattern.search(path.read_text("utf-8")), module


def test_there_is_no_import_cycle() -> None:
    graph = {name: {used for used in imports(path, at_load=True) if used in MODULES} for name, path in MODULES.items()}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module not in done:
            for used in graph[module]:
                visit(used, (*path, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_file_over_400_lines_and_no_function_over_60(module: str) -> None:
    source = MODULES[module].read_text("utf-8")
    assert len(source.splitlines()) <= 400
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 60, f"{module}.{node.name} has {length} lines"


def test_a_broad_except_stands_only_at_the_three_borders() -> None:
    borders = {"app.api.errors", "app.services.workflows.child", "app.sidecars.worker", "app.sidecars.harness"}
    steps = {name for name in MODULES if _within(name, "app.services.workflows")}
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name) and node.type.id == "Exception":
                assert module in borders | steps, f"{module} line {node.lineno}"


def test_no_class_is_called_after_nothing() -> None:
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                assert not re.search(r"(Manager|Helper|Impl|Utils?)$", node.name), f"{module}.{node.name}"


def test_the_gateway_imports_no_media_library_and_no_model() -> None:
    heavy = ["numpy", "cv2", "av", "PIL", "torch", "diffusers", "espeakng_loader"]
    code = f"import sys, app.main; print([name for name in {heavy} if name in sys.modules])"
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"


def test_importing_any_module_does_nothing_visible(tmp_path: Path) -> None:
    names = [name for name in MODULES if not name.endswith("__main__")]
    code = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"
    seen = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert (seen.returncode, seen.stdout, list(tmp_path.iterdir())) == (0, "", []), seen.stderr[-2000:]
