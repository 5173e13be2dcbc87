"""What a password of staff must be: long, and not the user name. Nothing else helps (NIST SP 800-63B, 5.1.1)."""

from signing.domain.errors import InputError

SHORTEST = 10
LONGEST = 256


def check_password(password: str, username: str) -> None:
    """Raises ``InputError``."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(f"密码至少 {SHORTEST} 个字符", "请换一个更长的密码，例如几个不相干的词连在一起")
    if username.casefold() in password.casefold():
        raise InputError("密码里不能有用户名", "请换一个与用户名无关的密码")
    if len(set(password)) < 4:
        raise InputError("密码太简单", "请不要只重复几个字符")
