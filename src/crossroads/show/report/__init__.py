"""The report: one HTML file that holds a study, for readers who never heard of the program."""

from crossroads.show.report.page import kept_report, report_html

__all__ = ["kept_report", "report_html"]
