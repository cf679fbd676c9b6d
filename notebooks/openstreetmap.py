# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Build your own network from OpenStreetMap
#
# Any extract gives a network of the same type, with full geometry. So that this runs anywhere, it writes a small extract itself: an
# invented junction with a main line, a branch, a siding, and the faults that real maps have. For a real one download a file such as
# `armenia-latest.osm.pbf` and give its name instead.

# %%
from pathlib import Path

EXTRACT = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="by hand">
  <node id="1" version="1" lat="40.7900" lon="43.8400">
    <tag k="railway" v="station"/><tag k="name" v="Արևմուտք"/><tag k="name:en" v="Westend"/></node>
  <node id="2" version="1" lat="40.7905" lon="43.8700"><tag k="railway" v="switch"/></node>
  <node id="3" version="1" lat="40.7910" lon="43.9000">
    <tag k="railway" v="station"/><tag k="name" v="Արևելք"/><tag k="name:en" v="Eastend"/></node>
  <node id="4" version="1" lat="40.8100" lon="43.9000">
    <tag k="railway" v="station"/><tag k="name" v="Հյուսիս"/><tag k="name:en" v="Northend"/></node>
  <node id="5" version="1" lat="40.7990" lon="43.8850"/>
  <node id="6" version="1" lat="40.79101" lon="43.90010"/>
  <node id="7" version="1" lat="40.7915" lon="43.9300">
    <tag k="railway" v="station"/><tag k="name:en" v="Farend"/></node>
  <way id="11" version="1"><nd ref="1"/><nd ref="2"/>
    <tag k="railway" v="rail"/><tag k="gauge" v="1520"/><tag k="electrified" v="contact_line"/></way>
  <way id="12" version="1"><nd ref="2"/><nd ref="3"/>
    <tag k="railway" v="rail"/><tag k="gauge" v="1520"/></way>
  <way id="13" version="1"><nd ref="2"/><nd ref="5"/><nd ref="4"/>
    <tag k="railway" v="rail"/><tag k="gauge" v="1520"/></way>
  <way id="14" version="1"><nd ref="6"/><nd ref="7"/>
    <tag k="railway" v="rail"/><tag k="gauge" v="1520 mm"/></way>
</osm>
"""
Path("junction.osm").write_text(EXTRACT, encoding="utf-8")

# %%
import corridors as co

net = co.from_pbf("junction.osm", modes=["rail"], progress=False)
net

# %% [markdown]
# ## What was done to it
#
# Nothing is repaired in silence. The gap of some metres before the last stretch was closed by a marked link, and the report says so.

# %%
net.build_report

# %%
net.links[["from_place", "to_place", "length_km", "gauge_mm", "electrification"]].round(2)

# %% [markdown]
# ## Ask it
#
# The same questions as on the reference network. A train cannot turn sharply at a switch: from Eastend to Northend it has to go past
# the switch and come back, which counts as a reversal.

# %%
straight = net.route("Westend", "Farend", modes=["rail"])
print(f"{straight.length_km:.2f} km, reversals: {[one.name for one in straight.reversals]}")

# %%
try:
    back = net.route("Eastend", "Northend", modes=["rail"])
    print(f"{back.length_km:.2f} km, reversals: {[one.name for one in back.reversals]}")
except co.NoRoute as error:
    print(error)

# %%
net.map(title="A junction from OpenStreetMap")

# %% [markdown]
# ## Keep it
#
# A GeoPackage opens in QGIS and comes back as it was.

# %%
net.save("junction.gpkg")
co.open("junction.gpkg").links.equals(net.links)

# %% [markdown]
# `co.from_overpass(...)` asks a server for an area instead of reading a file, and `co.conflate(reference, net)` lays the published
# lengths of the reference network on the tracks.
