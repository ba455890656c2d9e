"""From a node's inputs to a turnover: looked at, written out where needed, described."""
