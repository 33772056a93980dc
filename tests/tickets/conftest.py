"""What these tests share."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest import Desk


@pytest.fixture
def desk(db: Any) -> Desk:
    return Desk()
