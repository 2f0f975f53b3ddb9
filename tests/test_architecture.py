"""What imports what, and what the code does without; read from the source, not from memory."""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)

# A package may import from itself and from the packages above it in this list, never from
# below. Packages on one line do not import one another.
LAYERS = [
    ["leadscoring"],
    ["contacts"],
    ["scoring.criteria"],
    ["scoring.engine"],
    ["scoring.automations"],
    ["scoring.agreement", "scoring.pipeline", "scoring.learning"],
    ["scoring.reports", "scoring.operations"],
    ["scoring.api"],
    ["scoring"],
]
# Django looks for these in the app itself; they gather what the sub-packages define.
GATHERERS = ["scoring/models.py", "scoring/admin.py", "scoring/jobs.py", "contacts/jobs.py"]
# The composition root of the project knows its parts.
TOP = {"leadscoring.urls", "leadscoring.wsgi", "leadscoring.asgi"}

pytestmark = pytest.mark.once

FILES = sorted(
    path.relative_to(ROOT)
    for package in ("leadscoring", "contacts", "scoring")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(node: ast.AST) -> Iterator[str]:
    """Full names: `from a.b import c` is a.b.c, where c may be a module or not."""
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            yield from (alias.name for alias in each.names)
        elif isinstance(each, ast.ImportFrom):
            yield from (f"{each.module}.{alias.name}" for alias in each.names)


def layer(name: str) -> tuple[int, str] | None:
    """The place and package of a module; the longest package that holds it."""
    found = [
        (place, package)
        for place, packages in enumerate(LAYERS)
        for package in packages
        if name == package or name.startswith(f"{package}.")
    ]
    return max(found, key=lambda each: len(each[1]), default=None)


def faults(check: Callable[[Path], Iterable[str]]) -> dict[str, list[str]]:
    """What is wrong with which module."""
    return {str(path): found for path in FILES if (found := list(check(path)))}


def test_imports_go_one_way() -> None:
    def built_on_top(path: Path) -> Iterator[str]:
        name = module_name(path)
        own = layer(name)
        if own is None:
            yield "has no layer"
        elif name not in TOP:
            for other in imported(tree(path)):
                found = layer(other)
                if found is not None and found[1] != own[1] and found[0] >= own[0]:
                    yield f"imports {other}, which is built on top of it"

    assert faults(built_on_top) == {}


def test_every_import_stands_at_the_top() -> None:
    def inside(path: Path) -> Iterator[str]:
        for function in ast.walk(tree(path)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                # Django's one place for what must wait until every app is loaded.
                if path.name == "apps.py" and function.name == "ready":
                    continue
                yield from (f"{function.name} imports {name}" for name in imported(function))

    assert faults(inside) == {}


def test_there_are_no_signals() -> None:
    def signals(path: Path) -> Iterator[str]:
        for name in imported(tree(path)):
            if "signals" in name.split(".") or name.startswith("django.dispatch"):
                yield name

    assert faults(signals) == {}


def test_no_module_is_a_drawer_for_anything() -> None:
    drawers = {"utils", "helpers", "services", "common", "misc"}
    assert [path for path in FILES if path.stem in drawers] == []


def test_nothing_is_left_to_do_later() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")

    def marked(path: Path) -> Iterator[str]:
        text = (ROOT / path).read_text(encoding="utf-8")
        return (mark for mark in marks if mark in text)

    assert faults(marked) == {}


@pytest.mark.parametrize("gatherer", GATHERERS)
def test_nothing_is_defined_where_sub_packages_are_gathered(gatherer: str) -> None:
    path = ROOT / gatherer
    if not path.exists():
        return
    for node in tree(path).body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_list = isinstance(node, ast.Assign)  # __all__
        assert is_docstring or is_list or isinstance(node, ast.Import | ast.ImportFrom)


@pytest.mark.parametrize("kind", ["models", "admin", "jobs"])
def test_no_sub_package_is_left_out(kind: str) -> None:
    """Django would not see it: no table, no page, no chore."""
    wanted = {
        module_name(path)
        for path in FILES
        if path.parts[0] == "scoring" and len(path.parts) == 3 and (path.stem == kind)
    }
    gatherer = Path("scoring") / f"{kind}.py"
    names = imported(tree(gatherer)) if (ROOT / gatherer).exists() else iter(())
    given = {each for name in names for each in (name, name.rpartition(".")[0])}
    assert wanted <= given


def test_no_module_of_contacts_models_is_left_out() -> None:
    wanted = {
        module_name(path)
        for path in FILES
        if path.parent == Path("contacts/models")
        and path.stem != "__init__"
        and any(is_table(node) for node in tree(path).body)
    }
    given = {
        name.rpartition(".")[0] for name in imported(tree(Path("contacts/models/__init__.py")))
    }
    assert wanted <= given


def is_table(node: ast.stmt) -> bool:
    """Whether this is a class that has a table, as far as the source tells."""
    if not isinstance(node, ast.ClassDef):
        return False
    bases = {ast.unparse(base) for base in node.bases}
    inner = [each for each in node.body if isinstance(each, ast.ClassDef) and each.name == "Meta"]
    abstract = any("abstract = True" in ast.unparse(each) for each in inner)
    return bool(bases & {"models.Model", "TwinModel"}) and not abstract
