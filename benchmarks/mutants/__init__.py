"""Rules by which the fuzzer breaks a dossier: one thing a mutant, and what must come of it.

A mutant's number chooses its rule by the order in which rules are made, so that of these modules
is kept.
"""

from mutants import tables, entries, files  # noqa: F401, I001
from mutants.rule import RULES, SPECS, YAML_FILES, Mutant

__all__ = ["RULES", "SPECS", "YAML_FILES", "Mutant"]
