"""Persons and their documents, organisations, memberships, employment, accounts."""
