"""Who we are: where tokens come from, where they are kept, and one refresh for all who wait."""
