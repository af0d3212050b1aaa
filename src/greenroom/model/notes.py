"""How notes of a run begin that say something to whoever reads them later."""

ELSEWHERE = "imported from outside of the project: "
"""The tests met an installed copy of the code, and none of the code itself."""
