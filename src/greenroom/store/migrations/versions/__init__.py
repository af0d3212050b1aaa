"""One file per version of the schema. What has been released is never edited; a change is a new file."""
