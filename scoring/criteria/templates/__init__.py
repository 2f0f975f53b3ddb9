"""Ready-made models: documents to begin with, and how to find them."""

from pathlib import Path

from scoring.criteria import yaml
from scoring.criteria.document import ModelDocument, parse

FOLDER = Path(__file__).parent


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def template(name: str) -> ModelDocument:
    """The ready-made model of that name. Raises KeyError where there is none."""
    if name not in names():
        raise KeyError(name)
    return parse(yaml.read((FOLDER / f"{name}.yaml").read_bytes()))


def about(name: str) -> str:
    """What the head of the template's file says in its first line."""
    first = (FOLDER / f"{name}.yaml").read_text("utf-8").partition("\n")[0]
    return first.removeprefix("#").strip()
