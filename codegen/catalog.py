"""x."""
def write_catalog(api, document, package): return b"{}\n"
