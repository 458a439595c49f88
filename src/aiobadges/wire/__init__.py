"""What a call means: values and pure functions. No I/O, no clock, no vendor, no model."""
