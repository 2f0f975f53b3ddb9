"""The pages of the board, gathered; nothing is defined here."""

from scoring.pipeline.board import doing, home, page, saved

__all__ = ["doing", "home", "page", "saved"]
