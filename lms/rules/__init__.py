"""Rules without a framework: data in, verdict out.

Nothing here knows a database, a clock or a file.  Time and policy figures are
arguments; what a rule answers is a frozen value that can be kept as evidence.
"""
