"""What pytest loads wherever Greenroom is installed: nothing yet, and at no cost.

The recorder and the faults will be registered here. Until then the module claims the entry point, has
no hook, no option and no fixture, and imports nothing; a test keeps it that way.
"""
