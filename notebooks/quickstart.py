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
# # Quick start
#
# How does Kazakh wheat reach Armenia, and what would the TRIPP line change? Everything here works without internet.

# %%
import corridors as co

net = co.load(as_of="2025-11-08")
net

# %% [markdown]
# ## A route
#
# Ends are names in any language and spelling, ids, official station codes or points.

# %%
route = net.route("Kostanay", "Dalarik", modes=["rail"], commodity="wheat")
route

# %% [markdown]
# Each leg keeps its published length, the length of the line drawn, and where both come from.

# %%
route.legs[["from", "to", "country", "length_km", "geometry_km", "length_kind", "confidence"]].tail(8)

# %%
route.sources[["title", "publisher", "date", "length_km"]]

# %% [markdown]
# ## No route is an answer
#
# A month earlier Azerbaijan let no transit through. The error says what stands in the way and what would have to change.

# %%
try:
    net.route("Kostanay", "Dalarik", modes=["rail"], commodity="wheat", as_of="2025-10-01")
except co.NoRoute as error:
    print(error)

# %% [markdown]
# ## The flows
#
# Each flow is routed on its own date and compared with the route that was reported.

# %%
co.flows()

# %%
fuel = co.flows()["azerbaijani-oil-products"]
print(fuel.route().explain())

# %% [markdown]
# Single trains; what is impossible is flagged and left out of sums.

# %%
fuel.shipments[["date", "wagons", "tonnes", "in_sum", "flag"]]

# %% [markdown]
# ## What TRIPP would change

# %%
today = co.load(as_of="2026-06-01")
tripp = today.with_open("tripp")
tripp.route("Baku", "Nakhchivan", modes=["rail"])

# %%
for a, b in [("alat-port", "kars"), ("baku-freight", "yerevan")]:
    before = today.route(a, b, modes=["rail"]).length_km
    after = tripp.route(a, b, modes=["rail"]).length_km
    print(f"{a} – {b}: {before:,.0f} km today, {after:,.0f} km with TRIPP open")

# %% [markdown]
# ## A map
#
# It opens by double click, without internet: `net.map(...).save("map.html")`.

# %%
routes = {name: co.flows()[name].route() for name in ["kazakh-grain", "azerbaijani-oil-products"]}
net.map(flows=routes)
