"""The house's borders, read from the imports: who may import whom, and no cycles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = sorted((ROOT / "plugins").glob("*/prip_*"))
PLUGIN_PACKAGES = {plugin.name for plugin in PLUGINS}
LIBRARIES: dict[str, str | tuple[str, ...]] = {
    "peewee": "prip_core.catalogue",
    "playhouse": "prip_core.catalogue",
    "psycopg": ("prip_core.catalogue", "prip_core.testing"),
    "flask": "prip_core.web",
    "prometheus_client": ("prip_core.metrics", "prip_core.gauges"),
    "boto3": ("plugins.storage_s3", "prip_core.testing"),
    "botocore": ("plugins.storage_s3", "prip_core.testing"),
}

LEVELS = [
    {
        "errors",
        "times",
        "clock",
        "paths",
        "durable",
        "content_disposition",
        "object_keys",
        "secret",
        "seekable",
        "visible",
        "back_off",
        "crashpoints",
        "log",
    },
    {"model", "principals"},
    {"products", "reasons", "rejections", "receipts"},
    {"interfaces"},
    {"xml", "footprint", "rules", "hookspecs", "passwords"},
    {"product_rules", "xfdu"},
    {"plugins", "settings", "metrics"},
    {"configuration"},
    {"odata"},
    {"catalogue"},
    {"ingest"},
    {"runtime", "queues", "gauges"},
    {"components", "web"},
    {"cli"},
]
ASIDE = {"builtin", "testing"}


def sources(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def run_time_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from run_time_nodes(node)


def imports(path: Path) -> set[str]:
    """Every module that a file imports, names taken from packages resolved to submodules where they are such."""
    found: set[str] = set()
    for node in run_time_nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            for alias in node.names:
                full = f"{module}.{alias.name}"
                found.add(full if is_module(full) else module)
    return found


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def level(module: str) -> int | None:
    """The level of a core module; ``None`` for the public package, and for what stands aside."""
    parts = module.split(".")
    if parts[0] != "prip_core" or len(parts) == 1 or parts[1] in ASIDE or parts[1] == "__main__":
        return None
    return next(number for number, names in enumerate(LEVELS) if parts[1] in names)


CORE = [path for path in sources(ROOT / "prip_core") if path.name != "__init__.py" or path.parent != ROOT / "prip_core"]
CORE_INSIDE = [path for path in CORE if path.relative_to(ROOT / "prip_core").parts[0] not in ASIDE]
BESIDE = [path for path in CORE if path not in CORE_INSIDE] + [path for plugin in PLUGINS for path in sources(plugin)]


def identify(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CORE_INSIDE, ids=identify)
def test_the_core_imports_downwards_only(path: Path) -> None:
    own = level(module_name(path, ROOT))
    for imported in imports(path):
        assert imported.split(".")[0] not in PLUGIN_PACKAGES, f"the core imports the plugin {imported}"
        assert imported != "prip_core", "the core imports its modules, not the public package"
        below = level(imported)
        if own is not None and below is not None:
            assert below <= own, f"{imported} stands above"


@pytest.mark.parametrize("path", BESIDE, ids=identify)
def test_plugins_import_the_public_package_only(path: Path) -> None:
    package = next((part for part in path.parts if part in PLUGIN_PACKAGES), "prip_core.builtin")
    own = (package, "prip_core.builtin") if package == "prip_core.builtin" else (package,)
    for imported in imports(path):
        if imported.split(".")[0] not in {"prip_core", *PLUGIN_PACKAGES}:
            continue
        allowed = imported == "prip_core" or imported.startswith(("prip_core.testing", *own))
        assert allowed, f"{imported} is not public"


@pytest.mark.parametrize("path", [*CORE, *BESIDE], ids=identify)
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    module = module_name(path, ROOT)
    for imported in imports(path):
        home = LIBRARIES.get(imported.split(".")[0])
        assert home is None or module.startswith(home), f"{imported} belongs to {home}"
        if imported.split(".")[0] == "pluggy":
            assert module in {"prip_core.hookspecs", "prip_core.plugins"}


def test_there_are_no_import_cycles() -> None:
    graph = {module_name(path, ROOT): {i for i in imports(path) if i.startswith("prip_core.")} for path in CORE}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " → ".join((*trail[trail.index(module) :], module))
        if module not in done:
            for imported in sorted(graph.get(module, ())):
                if imported != module:
                    visit(imported, (*trail, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


def test_files_stay_small_enough_to_read_in_one_sitting() -> None:
    lengths = {identify(path): len(path.read_text().splitlines()) for path in [*CORE, *BESIDE]}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_functions_do_one_thing() -> None:
    long = {
        f"{identify(path)}:{node.name}": node.end_lineno - node.lineno
        for path in [*CORE, *BESIDE]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None and node.end_lineno - node.lineno > 50
    }
    assert long == {}
