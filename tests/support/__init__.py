"""What tests share: makers of values and data, fakes, and nothing that is a test."""

from pathlib import Path

import pytest

# An assert that fails in one of these modules then shows its values, as in a test.
for module in Path(__file__).parent.glob("[!_]*.py"):
    pytest.register_assert_rewrite(f"support.{module.stem}")
