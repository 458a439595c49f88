"""The thin async layer: the only one that waits on the network. It decides nothing by itself."""
