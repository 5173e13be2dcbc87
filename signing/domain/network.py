"""Which addresses may be talked to: allow-lists of callers, and what a webhook must not reach."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from signing.domain.errors import InputError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """``10.0.0.0/8`` or a single address. Raises ``InputError``."""
    return tuple(_network(text.strip()) for text in texts)


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise InputError(f"“{text}”不是 IP 地址或网段", "请写成 10.1.2.3 或 10.1.0.0/16 的样子") from None


def is_within(address: str, allowed: Iterable[Network]) -> bool:
    """False for what is no address. An IPv4 address in IPv6 clothing counts as the IPv4 address it is."""
    try:
        plain = _plain(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return any(plain.version == one.version and plain in one for one in allowed)


def is_public(address: str) -> bool:
    """False for loopback, private, link-local, carrier, multicast, reserved and unspecified ranges, and for what
    wraps one of them (IPv4-mapped, 6to4, Teredo, NAT64)."""
    try:
        plain = _plain(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if isinstance(plain, IPv6Address):
        inner = [plain.sixtofour, *(plain.teredo or ()), _nat64(plain)]
        if any(one is not None for one in inner):
            return False
    return plain.is_global and not plain.is_multicast


def _plain(address: Address) -> Address:
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _nat64(address: IPv6Address) -> IPv4Address | None:
    if address in IPv6Network("64:ff9b::/96"):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
