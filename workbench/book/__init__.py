"""The book: one company's data, its types and its text rules. No file is read here."""
