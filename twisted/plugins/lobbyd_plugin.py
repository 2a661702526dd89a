"""Makes `twistd lobbyd` known.

The module is named as a string, so that listing plugins imports neither Klein
nor a reactor. No __init__.py may lie beside this file or above it: in a source
tree it hides the plugin, in a wheel it overwrites Twisted's own.
"""

from twisted.application.service import ServiceMaker

lobbyd = ServiceMaker("lobbyd", "lobbyd.tap", "Game lobby and position relay.", "lobbyd")
