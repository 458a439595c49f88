"""The ledger: where every award is written down before it is sent, and what became of it."""
