"""The columns of the board as they are shown, and what tells whether anything in them changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    """A stage with its first cards; ``after`` is where the next ones begin, if there are any.

    ``further``: so many of the cards, the last ones, stand below that place.
    """

    stage: Stage
    head: Head
    cards: list[Shown]
    after: str
    further: int

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
        return {
            "stage": self.stage.pk,
            **self.numbers,
            "cards": cards,
            "after": self.after,
            "further": self.further,
        }


def columns_of(
    board: Board,
    at: datetime,
    asked: Mapping[int, int] | None = None,
    since: datetime | None = None,
) -> list[Column]:
    """``asked``: how many cards of a stage; a page where that is not said.

    Who was handed over ``since`` is among them, however far down they stand: somebody waits.
    """
    heads = board.heads()
    most = {
        stage.pk: min(max((asked or {}).get(stage.pk, A_PAGE), A_PAGE), WATCHED_MOST)
        for stage in board.columns
    }
    # One more tells whether there are further cards.
    places = board.first_places({pk: count + 1 for pk, count in most.items()})
    found = [(stage, *cut(places[stage.pk], most[stage.pk])) for stage in board.columns]
    further = came_since(board, found[0][2], since) if found and since else []
    all_places = [place for _stage, places, _after in found for place in places]
    cards = board.standing([*all_places, *further])
    shown = {each.card.key: each for each in details(cards, board.track, board.user, at)}
    came = [shown[each.key] for each in further if each.key in shown]
    columns = [
        Column(
            stage,
            heads[stage.pk],
            [shown[each.key] for each in places if each.key in shown],
            after,
            further=0,
        )
        for stage, places, after in found
    ]
    if came:
        columns[0] = replace(columns[0], cards=[*columns[0].cards, *came], further=len(came))
    return columns


def came_since(board: Board, after: str, since: datetime) -> list[Place]:
    """Those below the place after which the first column goes on; none where it does not."""
    below = Place.read(after)
    return board.handed_since(since, below) if below else []


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
