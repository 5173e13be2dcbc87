"""The one time zone that people are shown; the law's days begin and end in it (no daylight saving since 1992)."""

from datetime import timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
