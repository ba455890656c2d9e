"""Second Take: planted continuity errors, clean retakes, and how well checks tell them apart."""
