"""From a published version to ordinary nodes inside the group, and up, down and out again."""
