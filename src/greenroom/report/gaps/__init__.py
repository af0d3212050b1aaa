"""The gap report: what an audit means for a team, as plain data that Markdown and HTML render."""
