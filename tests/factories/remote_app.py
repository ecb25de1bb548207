"""An application in other processes, with the little of Flask's test client that the API client uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class RemoteAnswer:
    """What came back; ``status_code`` 0 means that the connection broke before an answer came."""

    status_code: int
    content: Any = None

    def get_json(self) -> Any:
        return self.content


class RemoteApp:
    """Stands where ``Person`` wants an application."""

    def __init__(self, address: str) -> None:
        self._address = address

    def test_client(self) -> "RemoteApp":
        return self

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> RemoteAnswer:
        return self._ask("GET", path, headers)

    def post(
        self,
        path: str,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> RemoteAnswer:
        files = {name: (file_name, stream) for name, (stream, file_name) in data.items()} if data else None
        return self._ask("POST", path, headers, json=json, files=files)

    def _ask(self, method: str, path: str, headers: Mapping[str, str] | None, **content: Any) -> RemoteAnswer:
        try:
            answer = httpx.request(method, self._address + path, headers=headers, timeout=30, **content)
        except httpx.TransportError:
            return RemoteAnswer(0)
        return RemoteAnswer(answer.status_code, answer.json())
