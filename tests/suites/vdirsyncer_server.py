"""What vdirsyncer's tests ask of a server: storages in collections that are made for a test. It is put into vdirsyncer's tests."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest


class ServerMixin:
    @pytest.fixture
    def get_storage_args(
        self, slow_create_collection: Callable[..., Awaitable[dict[str, Any]]], aio_connector: Any
    ) -> Callable[..., Awaitable[dict[str, Any]]]:
        async def arguments(collection: str | None = "test") -> dict[str, Any]:
            found = {
                "url": os.environ["PIMGATE_URL"],
                "username": os.environ["PIMGATE_LOGIN"],
                "password": os.environ["PIMGATE_PASSWORD"],
                "connector": aio_connector,
            }
            return found if collection is None else await slow_create_collection(self.storage_class, found, collection)  # type: ignore[attr-defined]

        return arguments
