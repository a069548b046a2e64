"""Pictures and charts of arrays and tables, with bytes that repeat."""
