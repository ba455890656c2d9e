"""What the host knows about a shot: segments, cameras, passes, the bible, and the turnover."""
