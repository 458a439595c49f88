"""Thought Industries learning paths: a GraphQL API, its limits in points, its learners by token."""
