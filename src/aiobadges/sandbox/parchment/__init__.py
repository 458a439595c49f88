"""A server that behaves like Parchment Digital Badges (Badgr, v2 REST), one module a resource.

It follows the present documentation where that speaks, recorded traffic and the open source Badgr
server where it is silent, and says so where it does.
"""
