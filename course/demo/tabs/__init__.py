"""The page: one file for each tab. What they show is computed elsewhere."""
