"""From failure modes and a project to findings: detectors run, findings selected, a score made."""
