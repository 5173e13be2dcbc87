"""Addresses: which a key may come from, and which a webhook must not reach."""

import pytest

from signing.domain.errors import InputError
from signing.domain.network import is_public, is_within, networks


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
        "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::808:808",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "localhost", "", "1.2.3", "0x7f.1", "2130706433", "127.1",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "223.5.5.5", "2606:4700:4700::1111", "::ffff:8.8.8.8", "172.32.0.1"])
def test_public(address: str) -> None:
    assert is_public(address)


def test_an_allow_list_of_networks_and_single_addresses() -> None:
    allowed = networks(["10.1.0.0/16", " 192.0.2.7 ", "fd00::/8"])
    for address in ("10.1.2.3", "192.0.2.7", "fd00::5", "::ffff:10.1.2.3"):
        assert is_within(address, allowed), address
    for address in ("10.2.0.1", "192.0.2.8", "fe80::1", "?", "", "::ffff:10.2.0.1"):
        assert not is_within(address, allowed), address
    assert not is_within("10.1.2.3", [])


@pytest.mark.parametrize("text", ["10.1.2.3/16", "10.1.2", "example.cn", "", "10.0.0.0/33"])
def test_what_is_no_network(text: str) -> None:
    with pytest.raises(InputError, match="不是 IP 地址或网段"):
        networks([text])
