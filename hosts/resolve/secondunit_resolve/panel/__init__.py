"""What Resolve itself starts: the scripts of its menu end up here. Nothing below knows Resolve."""
