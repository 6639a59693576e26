"""The places that the tests here publish to."""

from support.places import place, stands, there

__all__ = ["place", "stands", "there"]
