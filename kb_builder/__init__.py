"""kb: consultants' records in, a checked and versioned documentation site per client out."""

__version__ = "0.1.0"
