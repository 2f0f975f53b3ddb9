"""In which arm a lead is: drawn by a hash, so that it is the same wherever it is worked out."""

import hashlib

from scoring.engine.pilots.models import Arm


def arm_of(salt: str, stratum: int, key: str) -> Arm:
    """Half of the leads each; ``key``: what a contact is known by everywhere, its address."""
    drawn = hashlib.sha256(f"{salt}\n{stratum}\n{key}".encode()).digest()
    return Arm.CANDIDATE if drawn[0] & 1 else Arm.CONTROL
