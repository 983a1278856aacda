"""All letters that UTF-8 can write, for properties of texts."""

from hypothesis import strategies as st

# Asked for by their codec, as `st.text()` does, each fresh checkout would first try a million letters, for seconds.
LETTERS = st.characters(exclude_categories=["Cs"])
