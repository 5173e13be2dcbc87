"""The log masks what should never have been logged."""

import io
import logging

from signing.web.logs import Masking, masked


def test_personal_data_and_secrets_are_masked() -> None:
    text = "王 11010519491231002X 13800138000 Authorization: Bearer abc.def /s#Qw_er-ty1234567890abcd case_0123456789"
    safe = masked(text)
    for secret in ("11010519491231002X", "13800138000", "abc.def", "Qw_er-ty"):
        assert secret not in safe
    assert "case_0123456789" in safe


def test_a_traceback_is_cut_to_its_kind_and_places() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Masking("%(message)s"))
    log = logging.Logger("test")
    log.addHandler(handler)
    try:
        raise ValueError("王建国的密码")
    except ValueError:
        log.exception("failed")
    assert "ValueError at" in stream.getvalue()
    assert "test_logs.py:" in stream.getvalue()
    assert "王建国" not in stream.getvalue()
