"""The official Python SDK of Mapillary, call by call, over mly.

    import mapillary
    from mapillary import interface

    interface.set_access_token("MLY|...")
    text = interface.images_in_bbox({"west": 8.98, "south": 51.98, "east": 9.03, "north": 52.01})

Names, parameters and shapes of results are those of the package mapillary 1.0.16, so that what was
written for it runs as it is. Where that package departs from its own documentation, this one does
what is documented. New code is shorter with `import mly`.
"""

from mapillary._official import refuse_mixture

refuse_mixture()  # Before anything of a mixture is imported.

# isort: off
from mapillary import models  # noqa: E402
from mapillary import config, interface, utils  # noqa: E402  (they need the models)

__all__ = ["config", "interface", "models", "utils"]
