"""x"""

SECONDS: dict[str, int] = {}
