"""Which mapping a file gets where none is named: a ready one, or the fields' own names."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from contacts.imports.documents import parse_mapping
from contacts.imports.faults import MappingInvalid
from contacts.imports.kinds import KINDS
from contacts.imports.mapping import Mapping
from contacts.imports.sources import FileFormat, open_source
from contacts.records import Fault
from contacts.values import KEY
from contacts.yamlfile import read_yaml

READY = Path(__file__).parent / "mappings"


@cache
def ready_documents() -> tuple[dict[str, Any], ...]:
    """The mappings that come with the product, as plain data."""
    return tuple(read_yaml(path.read_bytes()) for path in sorted(READY.glob("*.yaml")))


def ready_mapping(headers: Sequence[str], kind: str) -> Mapping | None:
    """The ready mapping whose headers are all in the file; the one with most wins."""
    fitting = [
        document
        for document in ready_documents()
        if document["kind"] == kind and recognised(document["headers"], headers)
    ]
    if not fitting:
        return None
    return fitted(max(fitting, key=lambda document: len(document["headers"])), headers, kind)


def recognised(wanted: Sequence[str], headers: Sequence[str]) -> bool:
    """Whether all are there; of names parted by ``|`` one is enough."""
    return all(any(name in headers for name in names.split("|")) for names in wanted)


def fitted(document: dict[str, Any], headers: Sequence[str], kind: str) -> Mapping:
    """A mapping of those of its columns only that this file has."""
    record: dict[str, Any] = {}
    for target, about in document["record"].items():
        given = {"column": about} if isinstance(about, str) else dict(about)
        if "columns" in given:
            given["columns"] = [name for name in given["columns"] if name in headers]
        if given.get("columns") or given.get("column") in headers or "constant" in given:
            record[target] = given
    return parse_mapping({**document, "record": record}, kind)


def named_mapping(headers: Sequence[str], kind: str) -> Mapping:
    """The mapping of a file whose columns are called as the fields are.

    Raises MappingInvalid, naming every column that is no field.
    """
    known = KINDS[kind]
    prefix = known.open
    faults = [
        Fault(header, "", _("No field is called like this column; write a mapping file (--map)."))
        for header in headers
        if header not in known.targets
        and not (prefix and header.startswith(prefix) and KEY.fullmatch(header[len(prefix) :]))
    ]
    if faults:
        raise MappingInvalid(faults)
    return parse_mapping({"record": {header: header for header in headers}}, kind)


def mapping_for(path: Path, kind: str, name: str = "") -> Mapping:
    """The mapping of a file that comes without one. Raises SourceInvalid or MappingInvalid."""
    with open_source(path, FileFormat(), name) as source:
        headers = source.headers
    if headers is None:
        return Mapping(KINDS[kind])
    return ready_mapping(headers, kind) or named_mapping(headers, kind)
