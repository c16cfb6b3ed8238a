"""Reports: one model of what a page says, and its renderings as PDF, HTML, PNG and mail."""
