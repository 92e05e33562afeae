"""Reading runs: boards, pages, tables, curves, the status of many."""
