"""Documents as YAML and JSON texts; ``contacts.yamlfile`` says what YAML is here."""

import re
from contextlib import suppress

import yaml

from contacts import jsonlines
from contacts.yamlfile import MOST_BYTES, REAL, YamlInvalid, decoded, read_exact_yaml
from scoring.criteria.document import ModelDocument
from scoring.criteria.faults import DocumentInvalid, Fault

__all__ = ["MOST_BYTES", "read", "write"]


def read(content: str | bytes, name: str = "") -> object:
    """Plain data out of YAML or, by the ending of ``name`` or a leading brace, JSON.

    Raises DocumentInvalid with one fault: too large, not UTF-8, not well formed, refused.
    """
    try:
        return read_either(decoded(content), is_json=name.lower().endswith(".json"))
    except (YamlInvalid, jsonlines.JsonInvalid) as invalid:
        raise DocumentInvalid([Fault("", str(invalid))]) from None


def read_either(text: str, *, is_json: bool) -> object:
    if is_json:
        return jsonlines.decode(text)
    if text.lstrip().startswith("{"):
        # YAML in flow style may begin so as well.
        with suppress(jsonlines.JsonInvalid):
            return jsonlines.decode(text)
    return read_exact_yaml(text)


def write(document: ModelDocument) -> str:
    """The document as YAML that ``read`` and ``parse`` give back unchanged."""
    return write_data(document.as_data())


def write_data(data: object) -> str:
    """Any plain data that documents are made of."""
    return yaml.dump(data, Dumper=Writer, sort_keys=False, allow_unicode=True, width=100)


class Writer(yaml.SafeDumper):
    """Quotes what would be read as something else, here or by a YAML 1.1 reader."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def represent_text(writer: Writer, text: str) -> yaml.Node:
    # Only double quotes keep every character: PyYAML folds U+0085 in the others.
    style = None if text.isprintable() else '"'
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style)


Writer.add_representer(str, represent_text)
# PyYAML matches from the start only.
ALL_OF_IT = re.compile(f"(?:{REAL.pattern})$", re.ASCII)
Writer.add_implicit_resolver("tag:yaml.org,2002:float", ALL_OF_IT, list("-0123456789"))
