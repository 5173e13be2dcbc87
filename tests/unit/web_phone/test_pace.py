"""A phone with much to bring keeps to what the service takes."""

from signing.web.limits import RateLimit
from tests.unit.web_phone.script import Module


def test_the_first_go_at_once_and_the_rest_as_places_come_free() -> None:
    module = Module("pace.js")
    module.run("var pace = m.createPace(3, 1000)")
    waited, now = [], 0
    for _ in range(7):
        rest = module.run(f"pace.rest({now})")
        assert isinstance(rest, int | float)
        now += int(rest)
        waited.append(rest)
        module.run(f"pace.use({now})")
        now += 10
    assert waited == [0, 0, 0, 970, 0, 0, 970]


def test_the_services_limit_never_says_no() -> None:
    """However late each comes there, within the five seconds that the page leaves."""
    module, limit, now = Module("pace.js"), RateLimit(limit=45, seconds=60), 0.0
    module.run("var pace = m.createPace(40, 65000)")
    for number in range(200):
        rest = module.run(f"pace.rest({now})")
        assert isinstance(rest, int | float)
        now += float(rest)
        module.run(f"pace.use({now})")
        now += 4900 if number % 40 == 0 else 100
        limit.use("phone", now / 1000)
