"""A program that may do everything that a program may."""

import pytest

from tests.api.calls import Caller, caller


@pytest.fixture
def shop(db: None) -> Caller:
    return caller()
