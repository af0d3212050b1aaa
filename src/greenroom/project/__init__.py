"""The audited project as data: read once, resolved, and handed to the detectors."""
