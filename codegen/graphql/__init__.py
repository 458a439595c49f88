"""Compiles a GraphQL schema and the operations that are asked of it into the same `Api` as OpenAPI.

Classes follow what an operation selects, not what the schema has: a fragment that stands alone in a
selection gives its name to the class. `source` reads and validates, `selections` makes classes,
`operations` makes methods, `cost` counts points, `compiling` puts them together.
"""
