"""The only room that reads and writes company data."""
