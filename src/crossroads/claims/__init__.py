"""Claims: a claim is an expectation about an indicator, a record or an outcome."""

from crossroads.claims.argument import Argument, arguments
from crossroads.claims.claim import Claim, ClaimedSet, Reading, cases_asked, claim_named, claims_of
from crossroads.claims.explain import (
    BreakEven,
    Driver,
    Explanation,
    SourceShare,
    SourceUsed,
    evaluator,
    explain,
)
from crossroads.claims.judge import Found, Judged, Knowledge, ReadingVerdict, judge, number
from crossroads.claims.verdict import Flip, Verdict

__all__ = [
    "Argument",
    "BreakEven",
    "Claim",
    "ClaimedSet",
    "Driver",
    "Explanation",
    "Flip",
    "Found",
    "Judged",
    "Knowledge",
    "Reading",
    "ReadingVerdict",
    "SourceShare",
    "SourceUsed",
    "Verdict",
    "arguments",
    "cases_asked",
    "claim_named",
    "claims_of",
    "evaluator",
    "explain",
    "judge",
    "number",
]
