"""Personal data as it may be shown: enough to recognise, too little to use."""


def mask_name(name: str) -> str:
    """王秀兰 → 王*兰; 王强 → 王*; one character → *."""
    if len(name) <= 1:
        return "*" * len(name)
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_id_number(number: str) -> str:
    """11010519491231002X → 1101**********002X"""
    return _middle(number, 4, 4)


def mask_phone(phone: str) -> str:
    """13800138000 → 138****8000"""
    return _middle(phone, 3, 4)


def mask_account(account: str) -> str:
    """6217000000000000000 → 6217***********0000"""
    return _middle(account, 4, 4)


def _middle(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]
