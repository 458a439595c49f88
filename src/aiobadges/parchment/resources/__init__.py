"""One module a resource: constants for its operations, and a class whose methods use them."""
