"""Old registers from Excel: closed rows become read-only records, open rows become cases with their true instants."""
