import os
from pathlib import Path

from contacts.chores import CHORES, chore

FOLDER = Path(os.environ["WORKER_TEST_FOLDER"])
# These tests are about the worker: the product's chores need tables, which they do without.
CHORES.clear()


@chore("paperwork", every=float(os.environ.get("WORKER_TEST_EVERY", "3600")))
def paperwork() -> int:
    """Claims one paper that lies in the folder and notes who did it."""
    for paper in sorted(FOLDER.glob("*.due")):
        try:
            paper.rename(paper.with_suffix(".claimed"))
        except FileNotFoundError:
            continue  # Another process was first.
        paper.with_suffix(".done").write_text(str(os.getppid()))
        return 1
    return 0
