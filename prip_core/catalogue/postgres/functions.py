"""OData's functions in PostgreSQL's SQL, where it has none or means another thing by the name.

They are written as expressions, which the planner puts in place of their calls; a null argument makes them null
(of itself, but for ``least`` and ``greatest``, which pass over nulls).
"""

from __future__ import annotations

from collections.abc import Sequence

_NUMBER = "double precision"
_DAY = 86_400_000  # ms
_FARTHEST = "1e17"  # ms; beyond it no part of a date is a number worth having
_CYCLES = 1_168_776_000  # days of 8000 times the 400 years after which the calendar repeats itself
_CYCLE_YEARS = 3_200_000
_LONGEST = 2**30  # characters; no text has more
_SPACES = "".join(
    f"\\{code:04x}"
    for code in (
        *(*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680),
        *(*range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000),
    )
)
"""What Python takes for white space."""

_BEGIN = "CASE WHEN start >= 0 THEN trunc(start) ELSE greatest(0, char_length(operand) + trunc(start)) END"
_COUNT = f"least(greatest(trunc(length), 0), {_LONGEST})::integer"
_DATE = f"date '1970-01-01' + (prip_days(ms) + CASE WHEN prip_days(ms) < 0 THEN {_CYCLES} ELSE 0 END)::integer"

# Name, arguments, type, expression. Those that others call come first.
_FUNCTIONS: Sequence[tuple[str, str, str, str]] = (
    ("cut", f"number {_NUMBER}", _NUMBER, "trunc(number)"),
    (
        "remainder",
        f"a {_NUMBER}, b {_NUMBER}",
        _NUMBER,
        "CASE WHEN b <> 0 THEN a - b * trunc(a / b) END",
    ),
    (
        "round",
        f"number {_NUMBER}",
        _NUMBER,
        "trunc(number) + CASE WHEN abs(number - trunc(number)) >= 0.5 THEN sign(number) ELSE 0 END",
    ),
    ("floor", f"number {_NUMBER}", _NUMBER, "floor(number)"),
    ("ceiling", f"number {_NUMBER}", _NUMBER, "ceil(number)"),
    ("endswith", "operand text, part text", "boolean", "right(operand, char_length(part)) = part"),
    ("concat", "a text, b text", "text", "a || b"),
    ("indexof", "operand text, part text", "bigint", "strpos(operand, part) - 1"),
    ("length", "operand text", "bigint", "char_length(operand)"),
    (
        "substring",
        f"operand text, start {_NUMBER}",
        "text",
        f"CASE WHEN start IS NOT NULL THEN substr(operand, least({_BEGIN}, {_LONGEST})::integer + 1) END",
    ),
    (
        "substring",
        f"operand text, start {_NUMBER}, length {_NUMBER}",
        "text",
        (
            "CASE WHEN start IS NOT NULL AND length IS NOT NULL "
            f"THEN substr(operand, least({_BEGIN}, {_LONGEST})::integer + 1, {_COUNT}) END"
        ),
    ),
    ("tolower", "operand text", "text", 'lower(operand COLLATE "und-x-icu")'),
    ("toupper", "operand text", "text", 'upper(operand COLLATE "und-x-icu")'),
    ("trim", "operand text", "text", f"btrim(operand, U&'{_SPACES}')"),
    (
        "time",
        f"ms {_NUMBER}",
        "bigint",
        f"CASE WHEN abs(ms) < {_FARTHEST} THEN (floor(ms)::bigint % {_DAY} + {_DAY}) % {_DAY} END",
    ),
    ("days", f"ms {_NUMBER}", "bigint", f"(floor(ms)::bigint - prip_time(ms)) / {_DAY}"),
    ("date", f"ms {_NUMBER}", "bigint", "floor(ms)::bigint - prip_time(ms)"),
    (
        "year",
        f"ms {_NUMBER}",
        "bigint",
        f"extract(year FROM {_DATE})::bigint - CASE WHEN prip_days(ms) < 0 THEN {_CYCLE_YEARS} ELSE 0 END",
    ),
    ("month", f"ms {_NUMBER}", "bigint", f"extract(month FROM {_DATE})::bigint"),
    ("day", f"ms {_NUMBER}", "bigint", f"extract(day FROM {_DATE})::bigint"),
    ("hour", f"ms {_NUMBER}", "bigint", "prip_time(ms) / 3600000"),
    ("minute", f"ms {_NUMBER}", "bigint", "prip_time(ms) / 60000 % 60"),
    ("second", f"ms {_NUMBER}", "bigint", "prip_time(ms) / 1000 % 60"),
    ("fractionalseconds", f"ms {_NUMBER}", _NUMBER, f"(prip_time(ms) % 1000)::{_NUMBER} / 1000"),
    ("totaloffsetminutes", f"ms {_NUMBER}", "bigint", "CASE WHEN ms IS NOT NULL THEN 0::bigint END"),
    # What contains looks names up by: without those at the edges of words, which are half of them.
    (
        "trigrams",
        "name text",
        "text[]",
        "ARRAY(SELECT t.gram FROM unnest(show_trgm(name)) AS t (gram) WHERE t.gram !~ ' ')",
    ),
    ("totalseconds", f"ms {_NUMBER}", _NUMBER, "ms / 1000"),
)


def function_statements() -> Sequence[str]:
    """SQL that makes the functions, or makes them anew: ``prip_year`` and so on."""
    return [
        f"CREATE OR REPLACE FUNCTION prip_{name}({arguments}) RETURNS {type_} "
        f"LANGUAGE SQL IMMUTABLE PARALLEL SAFE RETURN {expression}"
        for name, arguments, type_, expression in _FUNCTIONS
    ]
