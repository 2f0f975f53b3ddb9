"""What the tests of the outbox share: delivery that is live, to this machine."""

from ipaddress import ip_network

import pytest
from pytest_django import Settings


@pytest.fixture
def live(settings: Settings) -> None:
    """Messages leave, and may go to this machine, in clear."""
    settings.DELIVERY = "live"
    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_ALLOW_PRIVATE_NETS = [ip_network("127.0.0.1/32")]
