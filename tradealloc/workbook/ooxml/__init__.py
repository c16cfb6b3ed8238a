"""What a lossless .xlsx adapter must know of the file format: one idea per module, only touched parts rewritten."""
