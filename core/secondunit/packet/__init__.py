"""Provenance: the record of each take, what marks its pictures, and the packet for a network."""
