"""The demonstration certificate, judged by openssl and by a real TLS handshake."""

import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from signing.web import tls

NOW = datetime.now(UTC)


def test_openssl_accepts_the_certificate_for_each_of_its_names(tmp_path: Path) -> None:
    files = tls.ensure(tmp_path / "tls", tmp_path / "lan-ca.pem", ["seat.example", "192.168.1.7"], NOW)
    for kind, name in (("-verify_hostname", "seat.example"), ("-verify_ip", "192.168.1.7")):
        arguments = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(files.ca), kind, name]
        ran = subprocess.run([*arguments, str(files.certificate)], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
    wrong = ["openssl", "verify", "-CAfile", str(files.ca), "-verify_hostname", "other.example", str(files.certificate)]
    assert subprocess.run(wrong, capture_output=True, check=False).returncode != 0
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.certificate, files.key)


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    files = tls.ensure(tmp_path / "tls", tmp_path / "lan-ca.pem", ["localhost"], NOW)
    assert files.key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "tls" / "ca.key").stat().st_mode & 0o777 == 0o600


def test_the_authority_stays_so_that_phones_trust_it_once(tmp_path: Path) -> None:
    ca = tmp_path / "lan-ca.pem"
    tls.ensure(tmp_path / "tls", ca, ["localhost"], NOW)
    first = ca.read_bytes()
    files = tls.ensure(tmp_path / "tls", ca, ["localhost", "10.0.0.1"], NOW)
    assert ca.read_bytes() == first
    leaf = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1"]


def test_an_authority_near_its_end_is_replaced(tmp_path: Path) -> None:
    ca = tmp_path / "lan-ca.pem"
    tls.ensure(tmp_path / "tls", ca, ["localhost"], NOW - timedelta(days=tls.CA_DAYS - 30))
    first = ca.read_bytes()
    tls.ensure(tmp_path / "tls", ca, ["localhost"], NOW)
    assert ca.read_bytes() != first


def test_the_demonstration_says_that_it_is_one(tmp_path: Path) -> None:
    files = tls.ensure(tmp_path / "tls", tmp_path / "lan-ca.pem", ["localhost"], NOW)
    assert "演示" in x509.load_pem_x509_certificate(files.ca.read_bytes()).subject.rfc4514_string()


def test_local_names_have_no_wildcard_address() -> None:
    names = tls.local_names("0.0.0.0", "branch.example")
    assert "0.0.0.0" not in names
    assert {"branch.example", "localhost", "127.0.0.1"} <= set(names)
