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
# # Chokepoints
#
# Which crossings, links and countries can hold the region's trade, how much of it, and what a way round costs.

# %%
import corridors as co

net = co.load(as_of="2026-06-01")
flows = co.flows()

# %% [markdown]
# ## One loss at a time
#
# Each flow takes its best route. Then each crossing is lost by itself, and every flow through it takes the best route that is left,
# or is stranded. Flows whose tonnes nobody published are left out, and listed.

# %%
found = net.chokepoints(flows, by="crossing", progress=False)
found.table[["name", "tonnes", "stranded_t", "diverted_t", "extra_km_per_t", "detour"]].head(8).round(0)

# %%
print(found.explain())

# %%
found.chart()

# %%
list(found.skipped.items())[:5]

# %% [markdown]
# Access rules hold for the way round as for the way itself: a crossing that is open to others may be no way round for this cargo.
#
# ## Countries
#
# The same for all links on a country's ground.

# %%
countries = net.chokepoints(flows, by="country", progress=False)
countries.table[["name", "tonnes", "tonnes_own", "stranded_transit_t", "diverted_t", "extra_usd"]].head(8).round(0)

# %% [markdown]
# ## Who holds what, in which world
#
# Not all of Russia's hold is on Russian ground: a Russian concession runs Armenia's railway. `by="party"` counts both. Opening
# TRIPP and Yeraskh gives the flows to Armenia another way.

# %%
to_armenia = co.article_flows()
worlds = {"TRIPP": net.with_open("tripp"), "TRIPP and Yeraskh": net.with_open("tripp", "yeraskh-nakhchivan")}
held = net.leverage(to_armenia, by="party", compare=worlds, progress=False)
held.side_by_side("stranded_t").round(0)

# %% [markdown]
# ## The least that cuts two places apart

# %%
cut = net.cut("Armenia", "georgian-ports", modes=["rail"])
print(cut.explain())

# %%
cut.table[["line", "from", "to", "country", "length_km"]]

# %% [markdown]
# ## The worst two crossings together
#
# The worst pair is not always the two worst ones: closing one may only hurt once the way round is closed too.

# %%
worst = net.interdict(flows, k=2, of="crossings", progress=False)
print(worst.explain())

# %% [markdown]
# ## How much is still served
#
# One crossing after another closes, the worst first; and in random order, for comparison.

# %%
attacked = net.resilience(flows, n=5, of="crossings", progress=False)
attacked.table[["closures", "closed", "served_t", "served_share"]].round(2)

# %%
attacked.chart()
