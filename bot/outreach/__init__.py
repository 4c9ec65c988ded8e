"""What may be said of a poll round: intervals, suppression, results, charts, tables and words. Pure: no files, no network."""
