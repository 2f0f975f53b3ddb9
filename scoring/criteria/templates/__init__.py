"""Ready-made models: documents to begin with, in the languages of the product.

One in another language has other words and so another hash; a test holds that all else is alike.
"""

from pathlib import Path

from scoring.criteria import yaml
from scoring.criteria.document import ModelDocument, parse

FOLDER = Path(__file__).parent
ENGLISH = "en"


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def languages() -> list[str]:
    return [ENGLISH, *sorted(path.name for path in FOLDER.glob("[a-z][a-z]") if path.is_dir())]


def template(name: str, language: str | None = ENGLISH) -> ModelDocument:
    """The ready-made model of that name; in English where it is not there in the language.

    Raises KeyError where there is none.
    """
    return parse(yaml.read(file_of(name, language).read_bytes()))


def file_of(name: str, language: str | None = ENGLISH) -> Path:
    """Raises KeyError where there is no such model."""
    if name not in names():
        raise KeyError(name)
    base = (language or ENGLISH).partition("-")[0]
    folder = FOLDER / base if base != ENGLISH and base in languages() else FOLDER
    return folder / f"{name}.yaml"


def about(name: str, language: str | None = ENGLISH) -> str:
    """What the head of the template's file says in its first line."""
    first = file_of(name, language).read_text("utf-8").partition("\n")[0]
    return first.removeprefix("#").strip()
