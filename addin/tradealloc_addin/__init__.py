"""The Excel add-in: spreadsheet functions, ribbon commands, and what builds and installs them."""
