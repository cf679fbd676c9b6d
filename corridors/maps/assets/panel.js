// The panel: legend and layer switches in one, with samples drawn as the map draws them.

class Panel {
  constructor(app) {
    Object.assign(this, { app, model: app.model });
    this.closed = new Set(); // sections that the reader folded away
    const open = app.map.getContainer().clientWidth >= 700;
    const control = L.control({ position: "topright" });
    control.onAdd = () => this.build(open);
    control.addTo(app.map);
    this.render();
  }

  build(open) {
    this.body = element("div", { class: "panel-body", id: "panel-body" });
    this.body.hidden = !open;
    const attributes = { class: "panel-toggle", "aria-controls": "panel-body", "aria-expanded": String(open) };
    const toggle = button(element("span", { class: "panel-icon", "aria-hidden": "true" }), attributes, () => {
      this.body.hidden = !this.body.hidden;
      toggle.setAttribute("aria-expanded", String(!this.body.hidden));
      this.app.labels.place();
    });
    toggle.append("Legend and layers");
    const panel = element("section", { class: "panel", "aria-label": "Legend and layers" }, toggle, this.body);
    L.DomEvent.disableClickPropagation(panel);
    L.DomEvent.disableScrollPropagation(panel);
    return panel;
  }

  // All of it anew: after another day, theme or language, or a layer switched. The focus stays.
  render() {
    const focused = document.activeElement && document.activeElement.dataset.layer;
    const { scrollTop } = this.body;
    this.body.replaceChildren(...[
      this.changed(), this.flows(), this.legs(), ...this.results(), this.network(), this.places(),
    ].filter(Boolean));
    this.body.scrollTop = scrollTop;
    const again = focused && this.body.querySelector(`[data-layer="${CSS.escape(focused)}"]`);
    if (again) again.focus();
  }

  get palette() { return this.app.theme.palette; }

  section(title, ...content) {
    const section = element("details", {}, element("summary", {}, text(title)), element("fieldset", { "aria-label": title }, ...content));
    section.open = !this.closed.has(title);
    section.addEventListener("toggle", () => (section.open ? this.closed.delete(title) : this.closed.add(title)));
    return section;
  }

  hint(words) { return element("p", { class: "hint" }, words); }

  changed() {
    const { app, palette } = this;
    if (!app.right) return null;
    const { links, places } = app.differences;
    const detail = `${links.length} links, ${places.length} crossings`;
    return this.section("Left against right", this.entry("changed", "Differs", detail, (ctx) => changedSample(ctx, palette)));
  }

  flows() {
    const { model, palette } = this;
    if (!model.flows.length) return null;
    const entries = model.flows.map((flow) => {
      const entry = this.entry(flow.id, flow.title, flow.detail, (ctx) => flowSample(ctx, flow, palette));
      entry.classList.add("below");
      this.emphasise(entry, flow.id);
      return entry;
    });
    const single = model.flows.some((flow) => flow.stops);
    const section = this.section(single ? "Route" : "Flows", ...entries, ...this.widths());
    if (model.flows.length > 1) section.append(this.allOrNone(model.flows.map(({ id }) => id)));
    return section;
  }

  // What the widths of the flows shown now mean.
  widths() {
    const { model, palette } = this;
    const largest = largestFlow(model);
    const notes = [];
    if (model.flows.some((flow) => flow.dash.length)) notes.push(this.hint("Dashed: announced or forecast, not observed."));
    if (!largest) return notes;
    const round = [1, 0.25].map((share) => Number((largest * share).toPrecision(share === 1 ? 3 : 1)));
    const samples = round.map((tonnes) => {
      const width = flowWidth({ tonnes }, largest);
      return element("div", { class: "entry size" }, swatch((ctx) => widthSample(ctx, width, 18, palette), 44, 18), `${figure(tonnes)} t`);
    });
    return [element("div", { class: "sizes" }, ...samples), this.hint("Width: tonnes, by square root, among the flows shown; thin: few, or not published."), ...notes];
  }

  legs() {
    const { app, model } = this;
    if (!model.legs.length) return null;
    const items = model.legs.map((leg) => {
      const act = () => app.show({ kind: "leg", links: leg.links }, model.boundsOf(leg.links));
      return element("li", {}, button(text(leg.title), { class: "leg" }, act), element("small", {}, text(leg.detail)));
    });
    return this.section("Legs", element("ol", { class: "legs" }, ...items));
  }

  results() {
    const { model, palette } = this;
    return model.results.map((layer) => {
      const sizes = layer.samples(palette).map(([label, height, draw]) =>
        element("div", { class: "entry size" }, swatch(draw, 44, height), label));
      const kind = layer.isLines ? "Lines: width" : "Points: area";
      return this.section(layer.title, this.entry(layer.id, sizes.length ? kind : kind.split(":")[0], "", (ctx) => layer.sample(ctx, palette)), ...sizes);
    });
  }

  network() {
    const { app, model, palette } = this;
    const world = app.left;
    const km = (id) => (world.km.get(id) >= 0.5 ? `${figure(world.km.get(id))} km` : "");
    const kinds = model.kinds.filter((kind) => [...world.rows.get(kind.id).values(), ...(app.right ? app.right.rows.get(kind.id).values() : [])].some((rows) => rows.length));
    const order = [...kinds].reverse();
    const entries = order.map((kind) => this.entry(kind.id, kind.label, km(kind.id), (ctx) => kindSample(ctx, kind, palette)));
    const states = [...model.states].reverse().map((state) => this.entry(state.id, state.label, km(state.id), (ctx) => stateSample(ctx, state, palette)));
    const title = app.right ? `Network, left (${world.day})` : `Network on ${world.day}`;
    return this.section(title, ...entries, element("hr"), ...states);
  }

  places() {
    const { app, model, palette } = this;
    const both = (name) => app.left.symbolRows[name].length + (app.right ? app.right.symbolRows[name].length : 0);
    const symbols = Object.keys(model.words.symbols).filter(both);
    const entries = symbols.map((name) => this.entry(name, model.words.symbols[name], "", (ctx) => drawSymbol(ctx, name, 15, 8, palette)));
    entries.push(this.entry("names", "Place names", "", (ctx) => nameSample(ctx, palette)));
    const [, language] = model.languages.find(([code]) => code === model.language);
    if (model.language !== "en") {
      entries.push(this.hint(`${figure(model.named(model.language))} of ${figure(model.placeCount)} places have a name in ${language}; the others stay in English.`));
    }
    return this.section("Places", ...entries);
  }

  allOrNone(ids) {
    const set = (value) => () => {
      for (const id of ids) this.model.visible[id] = value;
      this.app.changed();
    };
    return element("div", { class: "all-or-none" }, button("Show all", {}, set(true)), button("Hide all", {}, set(false)));
  }

  entry(id, label, detail, sample) {
    const box = element("input", { type: "checkbox", "data-layer": id });
    box.checked = this.model.visible[id];
    box.addEventListener("change", () => {
      this.model.visible[id] = box.checked;
      this.app.changed();
    });
    const words = element("span", { class: "label" }, text(label), detail ? element("small", {}, text(detail)) : "");
    return element("label", { class: "entry" }, box, swatch(sample), words);
  }

  // A flow stands out while the pointer or the keyboard is on its entry.
  emphasise(entry, id) {
    const set = (value) => {
      this.model.emphasis = value;
      this.app.repaint();
    };
    entry.addEventListener("mouseenter", () => set(id));
    entry.addEventListener("mouseleave", () => set(null));
    const box = entry.querySelector("input");
    box.addEventListener("focus", () => { if (box.matches(":focus-visible")) set(id); });
    box.addEventListener("blur", () => set(null));
  }
}
