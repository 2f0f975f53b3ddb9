"""What the sheets of a workbook are called: what each is of, in the few letters that there are."""

import textwrap
from collections.abc import Sequence
from typing import Final

# What Excel refuses in the name of a sheet, and how long one may be.
FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
NAME_MOST: Final = 31
JOIN: Final = " \N{EN DASH} "
CUT: Final = "\N{HORIZONTAL ELLIPSIS}"


def sheet_names(paths: Sequence[Sequence[str]]) -> list[str]:
    """What each is of, the section first; unlike one another, as Excel compares them."""
    alike: dict[str, list[Sequence[str]]] = {}
    for path in paths:
        alike.setdefault(fitting(path).casefold(), []).append(path)
    taken: set[str] = set()
    return [free(fitting(apart(path, alike[fitting(path).casefold()])), taken) for path in paths]


def apart(path: Sequence[str], others: Sequence[Sequence[str]]) -> list[str]:
    """Its titles without the words with which those of all these paths begin alike."""
    columns = list(zip(*others, strict=False))
    return [
        without_beginning(title, columns[place]) if place < len(columns) else title
        for place, title in enumerate(path)
    ]


def without_beginning(title: str, others: Sequence[str]) -> str:
    """The title from the first word on that tells it from one of the others."""
    words = [tuple(other.split()) for other in others]
    if len(set(words)) == 1:
        return title
    shared = 0
    while len({each[: shared + 1] for each in words}) == 1:
        shared += 1
    own = title.split()
    # At least a word stays, also where it is only the beginning of another title.
    shared = min(shared, len(own) - 1)
    return CUT + " ".join(own[shared:]) if shared > 0 else title


def free(stem: str, taken: set[str]) -> str:
    """With a number where even the whole titles are those of another sheet."""
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{shortened(stem, NAME_MOST - len(str(number)) - 1)} {number}"
    taken.add(name.casefold())
    return name


def fitting(path: Sequence[str]) -> str:
    """The wider one has what the narrower leaves, and half of the room at least."""
    *wider, title = [title.translate(FORBIDDEN).strip() for title in path] or [""]
    for each in wider:
        room = max(NAME_MOST - len(JOIN) - len(title), NAME_MOST // 2)
        head = shortened(each, room) + JOIN
        return head + shortened(title, NAME_MOST - len(head))
    return shortened(title, NAME_MOST) or "-"


def shortened(title: str, most: int) -> str:
    """After a whole word, unless the first one is too long."""
    said = textwrap.shorten(title, most, placeholder=CUT)
    return said if said != CUT else title[: most - 1] + CUT
