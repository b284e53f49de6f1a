"""The provider: wire types, client, outcome rules, and a simulator that stands in for it."""
