"""For all tests: properties have no deadline, since a loaded machine is no fault of the code."""

import hypothesis

hypothesis.settings.register_profile("lontar", deadline=None)
hypothesis.settings.load_profile("lontar")
