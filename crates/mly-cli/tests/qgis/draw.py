"""Opens GeoPackages in QGIS, looks at the styles that they bring along, and draws them into pictures.

draw.py FOLDER: draws each *.gpkg of the folder into a picture beside it.
"""

import sys
from collections import Counter
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

AGES = ["up to 2 years old", "2 to 4 years old", "older than 4 years", "without a date"]
# The labels of the classes of each layer, and colours that its picture has.
WANTED = {
    "images": (AGES, ["#964650", "#f5a623", "#1a9850"]),
    "sequences": (AGES, ["#964650", "#f5a623", "#1a9850"]),
    "signs": (["regulatory signs", "warning signs"], ["#cb181d", "#f5a623", "#2171b5"]),
    "points": (["objects"], ["#1a9850"]),
    "streets": (["fresh", "aging", "stale", "none", "other"], ["#1a9850", "#964650"]),
}


def layers(path):
    package = QgsVectorLayer(str(path))
    names = [part.split("!!::!!")[1] for part in package.dataProvider().subLayers()]
    for name in dict.fromkeys(names):
        if name != "layer_styles":
            layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
            assert layer.isValid(), (path, name)
            yield layer


def draw(all_layers, path):
    settings = QgsMapSettings()
    settings.setLayers(all_layers)
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(1600, 1200))
    extent = all_layers[0].extent()
    extent.scale(1.1)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    assert not job.errors(), job.errors()
    picture = job.renderedImage()
    assert picture.save(str(path))
    pixels = (
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    )
    return Counter(pixels)


def main():
    application = QgsApplication([], False)
    application.initQgis()
    paths = sorted(Path(sys.argv[1]).glob("*.gpkg"))
    assert paths
    for path in paths:
        found = list(layers(path))
        assert found, path
        for layer in found:
            labels, colours = WANTED[layer.name()]
            renderer = layer.renderer()
            assert renderer.type() == "categorizedSymbol", (
                layer.name(),
                renderer.type(),
            )
            got = [category.label() for category in renderer.categories()]
            assert [label for label in labels if label not in got] == [], (
                layer.name(),
                got,
            )
            pixels = draw([layer], path.with_name(f"{path.stem}-{layer.name()}.png"))
            for colour in colours:
                assert pixels[colour] > 20, (
                    layer.name(),
                    colour,
                    pixels.most_common(9),
                )
            print(f"{path.name}: {layer.name()}, {layer.featureCount()} features, drawn")
        if len(found) > 1:
            draw(found, path.with_suffix(".png"))


main()
