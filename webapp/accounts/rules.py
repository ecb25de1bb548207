"""Password and throttling rules of the house; no session, no request."""

from datetime import timedelta

FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 5
FAILURES_PER_ADDRESS = 30
SHORTEST_PASSWORD = 8
COMMON = frozenset(
    {"password", "12345678", "123456789", "1234567890", "qwertyui", "11111111", "88888888", "wenming123"}
)


def is_throttled(failures_of_account: int, failures_of_address: int) -> bool:
    """Whether a further attempt within :data:`FAILURE_WINDOW` is refused unseen."""
    return failures_of_account >= FAILURES_PER_ACCOUNT or failures_of_address >= FAILURES_PER_ADDRESS


def password_faults(password: str, username: str) -> list[str]:
    """What is wrong with a new password, in Chinese; empty when it may be used."""
    faults = []
    if len(password) < SHORTEST_PASSWORD:
        faults.append(f"密码至少 {SHORTEST_PASSWORD} 位。")
    if len(password) > 128:
        faults.append("密码最多 128 位。")
    if password.isdigit() or password.isalpha():
        faults.append("密码须同时包含字母和数字（或符号）。")
    if password.lower() in COMMON or username.lower() in password.lower():
        faults.append("密码太常见或包含用户名，请换一个。")
    return faults
