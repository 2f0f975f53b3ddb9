"""The columns of the board as they are shown, and what tells whether anything in them changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contacts.models import Stage
from contacts.numerals import whole
from scoring.pipeline.board.cards import Board, Head, Place
from scoring.pipeline.board.details import Shown, details, money

A_PAGE: Final = 20
# An open board keeps so many cards of each column up to date; who scrolls on sees the rest as
# they were when they came.
WATCHED_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with its first cards; ``after`` is where the next ones begin, if there are any."""

    stage: Stage
    head: Head
    cards: list[Shown]
    after: str

    @property
    def numbers(self) -> dict[str, str]:
        return {
            "count": whole(self.head.count),
            "value": money(self.head.value),
            "weighted": money(self.head.weighted),
        }

    def data(self) -> dict[str, Any]:
        """For an open board: the numbers, and every card with its sign."""
        cards = [[shown.card.key, shown.sign] for shown in self.cards]
        return {"stage": self.stage.pk, **self.numbers, "cards": cards, "after": self.after}


def columns_of(board: Board, at: datetime, asked: Mapping[int, int] | None = None) -> list[Column]:
    """``asked``: how many cards of a stage; a page where that is not said."""
    heads = board.heads()
    most = {
        stage.pk: min(max((asked or {}).get(stage.pk, A_PAGE), A_PAGE), WATCHED_MOST)
        for stage in board.columns
    }
    # One more tells whether there are further cards.
    places = board.first_places({pk: count + 1 for pk, count in most.items()})
    found = [(stage, *cut(places[stage.pk], most[stage.pk])) for stage in board.columns]
    cards = board.standing([place for _stage, places, _after in found for place in places])
    shown = {each.card.key: each for each in details(cards, board.track, board.user, at)}
    return [
        Column(
            stage, heads[stage.pk], [shown[each.key] for each in places if each.key in shown], after
        )
        for stage, places, after in found
    ]


def places_of(
    board: Board, stage: Stage, most: int = A_PAGE, after: Place | None = None
) -> tuple[list[Place], str]:
    """Of a page, and the place after which the next one begins; empty where none does."""
    return cut(board.places(stage, most + 1, after), most)


def cut(places: list[Place], most: int) -> tuple[list[Place], str]:
    return places[:most], str(places[most - 1]) if len(places) > most else ""


def stamp_of(columns: list[Column]) -> str:
    """Changes with whatever is shown."""
    return hashlib.blake2b(
        repr([column.data() for column in columns]).encode(), digest_size=8
    ).hexdigest()
