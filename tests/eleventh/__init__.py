"""An eleventh criterion as a newcomer would declare it, and all places where a person would look for it."""
