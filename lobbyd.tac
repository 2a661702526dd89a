"""The same service as `twistd lobbyd`, for `twistd -y lobbyd.tac`; options come from LOBBYD_*."""

from twisted.application.service import Application

from lobbyd.tap import Options, makeService

options = Options()
# The empty list matters: without it twistd's own arguments would be parsed.
options.parseOptions([])

application = Application("lobbyd")
makeService(options).setServiceParent(application)
