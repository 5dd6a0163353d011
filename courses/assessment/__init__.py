"""Question banks, papers, attempts, grading."""
