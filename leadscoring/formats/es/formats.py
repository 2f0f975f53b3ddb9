"""The same shape as in English, so that a table is as wide in both languages."""

DATE_FORMAT = SHORT_DATE_FORMAT = "j\N{NO-BREAK SPACE}b\N{NO-BREAK SPACE}Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = f"{DATE_FORMAT}, {TIME_FORMAT}"
