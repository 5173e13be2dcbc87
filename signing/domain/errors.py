"""Everything the package raises on purpose, grouped by whose fault it is.

::

    SigningError
    ├── InputError            the caller sent something that cannot be right
    ├── AccessError           who asks may not
    │   ├── NotLoggedIn
    │   │   └── LoggedOut     by the caller's own wish
    │   └── NotPermitted
    ├── NotFound              there is no such thing, or not for this caller
    ├── ConflictError         right in itself, but not in the present state
    │   ├── Contended         somebody changed the same thing at the same time; again it would be right
    │   ├── IllegalEvent      a state machine does not know this event here
    │   └── RuleBroken        a product, queue or sealing rule forbids it; ``rule`` names it
    ├── TooMany               a rate limit; ``retry_after`` in seconds
    ├── OutsideError          something outside the building failed; trying again may help
    │   ├── StorageFull       a disk of the service has no room left
    │   ├── KeyMissing        the key of one case is not in the key file; the others can be opened
    │   └── Fenced            the other services have given this one up; it has to report anew
    └── TamperError           stored data is not what was stored

``message`` and ``hint`` are Chinese and meant for people; ``code`` is for programs.
"""


class SigningError(Exception):
    """Base of all; never raised itself."""

    code = "error"

    def __init__(self, message: str, hint: str = "", *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code:
            self.code = code


class InputError(SigningError):
    """Raised at the edge for a value that no state of the system could make right."""

    code = "input"


class AccessError(SigningError):
    """Base of refusals that depend on who asks."""

    code = "access"


class NotLoggedIn(AccessError):
    """Raised for a missing, expired or revoked session, link or code."""

    code = "not_logged_in"


class LoggedOut(NotLoggedIn):
    """Raised for a session that its owner has ended."""

    def __init__(self) -> None:
        super().__init__("您已退出登录", "请重新登录")


class NotPermitted(AccessError):
    """Raised where the role, seat or institution of the caller does not allow the operation."""

    code = "not_permitted"


class NotFound(SigningError):
    """Raised for an unknown identifier, and for one that belongs to another institution."""

    code = "not_found"


class ConflictError(SigningError):
    """Base of refusals that depend on the present state."""

    code = "conflict"


class Contended(ConflictError):
    """Raised where another unit of work changed the same thing at the same time; nothing of this one is kept."""

    code = "contended"

    def __init__(self) -> None:
        super().__init__("刚刚有人同时修改了同一内容", "请刷新后重试")


class IllegalEvent(ConflictError):
    """Raised by a state machine for an event its present state does not know; nothing has changed."""

    code = "illegal_event"


class RuleBroken(ConflictError):
    """Raised where a named rule forbids the operation."""

    code = "rule"

    def __init__(self, rule: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint, code=f"rule.{rule}")
        self.rule = rule


class TooMany(SigningError):
    """Raised by a rate limit."""

    code = "too_many"

    def __init__(self, message: str, retry_after: float, hint: str = "") -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class OutsideError(SigningError):
    """Raised where a system outside the building failed or did not answer."""

    code = "outside"


class StorageFull(OutsideError):
    """Raised where the service has no room to keep something; nothing of it is kept."""

    code = "outside.full"

    def __init__(self) -> None:
        super().__init__("服务器磁盘已满，没有存下", "请管理员马上为服务器腾出空间；录像仍在坐席电脑上，会自动重传")


class KeyMissing(OutsideError):
    """Raised where the key that one case was encrypted under is not in the key file; a backup may have it."""


class Fenced(OutsideError):
    """Raised where this service's identity is no longer on the list: others serve what it served. Nothing is kept."""

    code = "fenced"

    def __init__(self) -> None:
        super().__init__("这台服务刚刚与其他服务失去联系", "正在恢复，请稍后重试")


class TamperError(SigningError):
    """Raised where stored data does not match the digest or chain it was stored under."""

    code = "tampered"
