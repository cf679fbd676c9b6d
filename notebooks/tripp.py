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
# # What if TRIPP opens?
#
# The railway through Meghri (the Trump Route for International Peace and Prosperity) would join Azerbaijan and Nakhchivan over
# Armenian ground. Which flows would it change, and which not?

# %%
import corridors as co

net = co.load(as_of="2026-06-01")
card = co.scenario("tripp-open")
card

# %% [markdown]
# ## What stands there today

# %%
try:
    net.route("Baku", "Nakhchivan", modes=["rail"])
except co.NoRoute as error:
    print(error)

# %% [markdown]
# ## What the card changes
#
# A scenario is a list of changes, checked before any is made. The network itself stays as it is: applying a card gives a new one.

# %%
opened = card.apply(net)
changed = co.diff(net, opened)
changed[(changed["table"] == "links") & (changed["column"] == "state")][["id", "name", "before", "after"]]

# %%
tripp = opened.route("Baku", "Nakhchivan", modes=["rail"])
print(tripp.explain())

# %% [markdown]
# ## What it does to the flows
#
# All flows are routed in both worlds.

# %%
compared = co.compare(net, [card], progress=False)
print(compared.explain())

# %%
compared.changes[["title", "change", "length_km", "hours", "usd_per_t"]].round(0)

# %% [markdown]
# It helps the trade between Azerbaijan and Nakhchivan, and none of the others: their ways lead elsewhere. A line over Armenian ground
# is not yet a line to Armenia. Opening Yeraskh as well would make it one:

# %%
further = opened.with_open("yeraskh-nakhchivan")
for title, world in {"today": net, "TRIPP": opened, "TRIPP and Yeraskh": further}.items():
    route = world.route("baku-freight", "yerevan", modes=["rail"])
    print(f"{title}: Baku to Yerevan {route.length_km:,.0f} km, {route.hours:.0f} h, {route.usd_per_t:.0f} USD/t")

# %% [markdown]
# ## The other way round: Georgia closes
#
# How much hangs on the way that all these flows take today? `compare` takes any number of scenarios.

# %%
both = co.compare(net, [card, "georgia-closed"], progress=False)
both.pivot("change", changed=True)

# %%
tripp.map()
