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
# # Three flows
#
# Kazakh wheat, Russian wheat and Azerbaijani fuel reached Armenia by rail in late 2025, for the first time in thirty years. What is
# known about each train, which way they went, and what that costs.

# %%
import corridors as co

flows = co.flows()
three = ["kazakh-grain", "russian-grain", "azerbaijani-oil-products"]
flows.table.set_index("flow_id").loc[three, ["title", "tonnes", "evidence", "as_of"]]

# %% [markdown]
# ## What is known
#
# Every train and every published figure has a row. Only single trains with plausible tonnes count in sums; what is left out says why.

# %%
shipments = flows["azerbaijani-oil-products"].shipments
shipments[["date", "wagons", "tonnes", "in_sum", "flag", "source"]].head(12)

# %%
for name in three:
    flow = flows[name]
    counted = int(flow.shipments["in_sum"].sum())
    print(f"{flow.title}: {flow.shipped_tonnes:,.0f} t; trains counted: {counted}")

# %% [markdown]
# Sources contradict each other. The contradictions stay beside the figure that is used.

# %%
for text in flows["kazakh-grain"].contradictions:
    print("-", text)

# %% [markdown]
# ## Which way they went
#
# Each flow is routed on its own date, by length alone, and set beside the way that was reported.

# %%
routed = {name: flows[name].route() for name in three}
for name, found in routed.items():
    print(f"{name}: {found.route.length_km:,.0f} km, follows the report: {found.follows_report}")

# %%
print(routed["russian-grain"].explain())

# %%
import pandas as pd

pd.DataFrame({name: found.route.by_country for name, found in routed.items()}).fillna(0).round(0)

# %% [markdown]
# ## What it takes
#
# Hours and dollars with their range: every parameter at its low end, then at its high end. Which of them are assumptions is in the
# `costs` of each route.

# %%
rows = {
    name: {
        "km": found.route.length_km,
        "hours": found.route.hours,
        "hours, low": found.route.hours_range[0],
        "hours, high": found.route.hours_range[1],
        "USD/t": found.route.usd_per_t,
        "USD/t, low": found.route.usd_range[0],
        "USD/t, high": found.route.usd_range[1],
    }
    for name, found in routed.items()
}
pd.DataFrame(rows).T.round(0)

# %%
routed["kazakh-grain"].route.costs[["cause", "hours_central", "usd_central", "assumption", "assumed"]].round(1)

# %% [markdown]
# ## A month earlier
#
# The trains could not have run: the line was there, but closed to cargo for Armenia.

# %%
try:
    flows["kazakh-grain"].route(co.load("2025-10-01"))
except co.NoRoute as error:
    print(error)

# %% [markdown]
# ## On a map
#
# Flows that share a line lie beside each other. Click one for its figures and sources.

# %%
co.load("2025-12-18").map(flows=routed, title="Three flows to Armenia")
