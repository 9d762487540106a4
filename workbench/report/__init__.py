"""From a book to a published report: notebooks run in staging, checked, rendered, and switched in at once."""
