"""What an installation may set, read from the environment once and in one place."""

import ipaddress
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ConfigurationError(Exception):
    """A setting that cannot be used; the message is one line for the person who starts the system."""


@dataclass(frozen=True)
class Settings:
    """Settings of one installation.

    ``database_url`` is ``None`` when the embedded server under ``data`` is to be used.
    """

    data: Path
    database_url: str | None
    host: str
    port: int
    demo: bool
    web_workers: int
    attachment_limit: int
    """Largest accepted attachment, in bytes."""
    url: str = ""
    """Where browsers find the installation, as ``https://name``; empty: where it listens itself."""
    proxies: int = 0
    """How many reverse proxies of one's own stand before the web server and say whose request it was."""
    webhook_networks: tuple[Network, ...] = ()
    """Private networks that webhooks may reach all the same."""

    @property
    def is_encrypted(self) -> bool:
        """Whether browsers come by TLS."""
        return self.url.startswith("https://")

    @property
    def attachments(self) -> Path:
        return self.data / "attachments"

    @property
    def previews(self) -> Path:
        """Drawn pages and pictures; can be made again at any time."""
        return self.data / "previews"

    @property
    def keys(self) -> Path:
        return self.data / "keys"

    @property
    def is_open(self) -> bool:
        """Whether other machines can reach the web server."""
        return self.host not in {"127.0.0.1", "localhost", "::1"}

    def secret_key(self) -> str:
        """The key that signs cookies and forms; made at the first start and kept in the data folder."""
        path = self.keys / "secret"
        if not path.exists():
            _create_secret(path)
        return path.read_text(encoding="ascii")


def _create_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"secret.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _integer(name: str, default: int, low: int, high: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        message = (
            f"{name} must be a whole number from {low} to {high}, not {text!r} / {name} 必须是 {low} 到 {high} 的整数"
        )
        raise ConfigurationError(message)
    return int(text)


def _url() -> str:
    text = os.environ.get("WENMING_URL", "").strip().rstrip("/")
    if text and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:\d{1,5})?", text):
        message = (
            f"WENMING_URL must be like https://wm.example.cn, not {text!r} / WENMING_URL 应形如 https://wm.example.cn"
        )
        raise ConfigurationError(message)
    return text


def _networks(name: str) -> tuple[Network, ...]:
    words = os.environ.get(name, "").replace(",", " ").split()
    try:
        return tuple(ipaddress.ip_network(word) for word in words)
    except ValueError as error:
        message = f"{name} must list networks like 10.1.0.0/16: {error} / {name} 应列出网段，如 10.1.0.0/16"
        raise ConfigurationError(message) from error


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        ConfigurationError: a variable holds something that cannot be used.
    """
    return Settings(
        data=Path(os.environ.get("WENMING_DATA") or ROOT / "var").expanduser().resolve(),
        database_url=os.environ.get("DATABASE_URL") or None,
        host=os.environ.get("HOST") or "127.0.0.1",
        port=_integer("PORT", 8000, 1, 65535),
        demo=os.environ.get("WENMING_DEMO", "1") != "0",
        web_workers=_integer("WENMING_WEB_WORKERS", 2, 1, 64),
        attachment_limit=_integer("WENMING_ATTACHMENT_MB", 20, 1, 1024) * 1024 * 1024,
        url=_url(),
        proxies=_integer("WENMING_PROXIES", 0, 0, 9),
        webhook_networks=_networks("WENMING_WEBHOOK_NETWORKS"),
    )
