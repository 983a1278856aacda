"""The question types: one module each, found by its name; adding a type adds one file here and one template.

Each module holds a struct `Body` (what one language's text of the item says) and these functions:

- `parse(source, render) -> Body`: from the lines of the answer part; problems go to `source.fault(...)`
- `key(body)`: what decides the grade, equal in every language, as JSON
- `draw(body, chance) -> Drawn`: option order and parameter values
- `read(body, drawn, fields) -> value`: the posted form -> the answer's JSON, None for an empty one; raises `Unreadable`
- `grade(body, drawn, value, partial) -> Fraction`: the share of the points, from 0 to 1
- `explain(body, drawn, value) -> Feedback`: what to show when feedback is due
- `guess(body, partial) -> Fraction`: the mean share that blind guessing earns
"""
