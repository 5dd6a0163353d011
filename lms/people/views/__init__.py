"""Pages of people: registration, admission, profile, inbox, workbenches."""
