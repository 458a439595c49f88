"""Thought Industries' learning paths: one GraphQL endpoint over learners, courses and milestones.

Everything but ``/helium`` itself works without graphql-core; that needs ``aiobadges[sandbox]``.
"""
