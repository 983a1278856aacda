"""What Lontar knows: courses, questions, grading, progress. Plain data in, plain data out."""
