"""The chain: facts, growth, SWOT, ranking, allocation, asks. Pure: tables in, tables out."""
