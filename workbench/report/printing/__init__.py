"""Pages as PDF, printed by a Chromium of this machine."""

from workbench.report.printing.pdf import find_browser, print_pages

__all__ = ["find_browser", "print_pages"]
