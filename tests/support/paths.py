"""Where the files lie that tests read."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TESTS = ROOT / "tests"
DATA = TESTS / "data"
SUBMISSIONS = DATA / "submissions"  # <task>/<verdict>/<name>/: the folder is the expected verdict
TEST_TASKS = DATA / "tasks"  # twins of course tasks with smaller limits
REFERENCE = ROOT / "reference"
DOCS = ROOT / "docs"
