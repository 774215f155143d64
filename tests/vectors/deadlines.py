#!/usr/bin/env python3
"""Reckons the deadlines of periods counted from every day of 2024 to 2026, for the tests to compare with.

By the Civil Code alone (民法典 第二百条至第二百零三条) and the State Council's rest days, with Python's
standard library and nothing of the program. `deadlines.py` writes deadlines.csv beside itself;
`deadlines.py --check` says whether that file is what it would write.
"""

import calendar
import csv
import datetime
import io
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
REST_DAYS = HERE.parent.parent / "config" / "calendar" / "state-council.csv"
TABLE = HERE / "deadlines.csv"
ONE_DAY = datetime.timedelta(days=1)

with REST_DAYS.open(encoding="utf-8") as file:
    LISTED = {datetime.date.fromisoformat(row["date"]): row["kind"] for row in csv.DictReader(file)}
# The last days of December come with the notice of the year after.
LOADED = {day.year for day in LISTED if day.month < 12}


def is_rest_day(day):
    kind = LISTED.get(day)
    return kind == "holiday" or (kind is None and day.weekday() >= 5)


def months_later(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def end_of_period(counted_from, period):
    """The last day, the rest days that were passed over, and whether the end is provisional."""
    looked_at, moved_past = [], []

    def to_working_day(day):
        looked_at.append(day)
        while is_rest_day(day):
            moved_past.append(day)
            day += ONE_DAY
            looked_at.append(day)
        return day

    number = int(period.strip("PWDM"))
    if period.endswith("WD"):
        day = counted_from
        for _ in range(number):
            day = to_working_day(day + ONE_DAY)
    elif period.endswith("D"):
        day = to_working_day(counted_from + number * ONE_DAY)
    else:
        day = to_working_day(months_later(counted_from, number))
    return day, moved_past, any(day.year not in LOADED for day in looked_at)


def table():
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["counted_from", "period", "last_day", "provisional", "moved_past"])
    day = datetime.date(2024, 1, 1)
    while day.year <= 2026:
        for period in ["P15D", "P1M", "P3M", "P5WD"]:
            last_day, moved_past, provisional = end_of_period(day, period)
            passed = " ".join(str(moved) for moved in moved_past)
            writer.writerow([day, period, last_day, str(provisional).lower(), passed])
        day += ONE_DAY
    return out.getvalue()


if sys.argv[1:] == ["--check"]:
    if TABLE.read_text(encoding="utf-8") != table():
        sys.exit("tests/vectors/deadlines.csv is not what deadlines.py writes; run it and look at the difference")
else:
    TABLE.write_text(table(), encoding="utf-8")
