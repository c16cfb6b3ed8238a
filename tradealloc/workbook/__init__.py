"""The workbook as a port: names and tables in, names and tables out."""
