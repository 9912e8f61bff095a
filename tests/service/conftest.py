"""One running service per test file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from living_service import Business, Service


@pytest.fixture(scope="module")
def business() -> Business:
    return Business()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, business: Business) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("service"), business.url)
    try:
        yield service
    finally:
        service.stop()
