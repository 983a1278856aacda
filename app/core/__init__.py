"""What Lontar knows: courses, questions, grading, progress. Plain data in, plain data out; no Flask, no database, no clock."""
