"""What stops a start or a command: one clear line, Chinese and English, and exit code 1."""

from webapp.config import ConfigurationError


class HostError(ConfigurationError):
    """Something about this machine or installation that a person must mend; the message is one bilingual line."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(" / ".join(part.replace("\n", " ").strip() for part in (chinese, english)))
