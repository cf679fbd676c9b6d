// The panel: legend and layer switches in one, with samples drawn as the map draws them.

class Panel {
  constructor(map, model, changed, repaint) {
    Object.assign(this, { map, model, changed, repaint });
    const open = map.getContainer().clientWidth >= 700;
    const control = L.control({ position: "topright" });
    control.onAdd = () => this.build(open);
    control.addTo(map);
  }

  build(open) {
    const body = element("div", { class: "panel-body", id: "panel-body" });
    const button = element(
      "button", { type: "button", class: "panel-toggle", "aria-controls": "panel-body", "aria-expanded": String(open) },
      element("span", { class: "panel-icon", "aria-hidden": "true" }), "Legend and layers",
    );
    body.hidden = !open;
    button.addEventListener("click", () => {
      body.hidden = !body.hidden;
      button.setAttribute("aria-expanded", String(!body.hidden));
      this.changed();
    });
    const { model } = this;
    const dashed = model.flows.some((flow) => flow.dash.length);
    const flows = model.flows.map((flow) => [flow.id, flow.title, flow.detail, (ctx) => flowSample(ctx, flow, model.palette)]);
    const single = model.flows.some((flow) => flow.stops);
    this.section(body, single ? "Route" : "Flows", flows, dashed && "Dashed: announced or forecast, not observed", true);
    for (const layer of model.results) {
      const sizes = layer.classes().map((value) => layer.entry(value, model.palette));
      this.section(body, layer.title, [[layer.id, layer.isLines ? "Lines" : "Points", "", (ctx) => layer.sample(ctx, layer.largest, model.palette)]]);
      body.lastChild.append(...sizes);
    }
    const groups = [...model.groups].reverse().sort((a, b) => panelOrder(a) - panelOrder(b));
    const km = (group) => (group.km >= 0.5 ? `${Math.round(group.km).toLocaleString("en")} km` : "");
    const network = groups.map((group) => [group.id, group.label, km(group), (ctx) => lineSample(ctx, group)]);
    this.section(body, `Network on ${model.asOf}`, network, "Colour: mode. Dash: state.");
    const symbols = Object.keys(SYMBOL_WORDS).filter((name) => model.symbolRows[name].length);
    this.section(body, "Places", [
      ...symbols.map((name) => [name, SYMBOL_WORDS[name], "", (ctx) => drawSymbol(ctx, name, 15, 8, model.palette)]),
      ["names", "Place names", "", (ctx) => nameSample(ctx, model.palette)],
    ]);
    const panel = element("section", { class: "panel", "aria-label": "Legend and layers" }, button, body);
    L.DomEvent.disableClickPropagation(panel);
    L.DomEvent.disableScrollPropagation(panel);
    return panel;
  }

  section(body, title, entries, hint, below = false) {
    if (!entries.length) return;
    const boxes = entries.map(([id, label, detail, sample]) => this.entry(id, label, detail, sample, below));
    const section = element("details", { open: "" }, element("summary", {}, title));
    if (below && entries.length > 1) section.append(this.allOrNone(entries.map(([id]) => id), boxes));
    const note = hint ? element("p", { class: "hint" }, hint) : "";
    section.append(element("fieldset", { "aria-label": title }, ...boxes, note));
    body.append(section);
  }

  allOrNone(ids, entries) {
    const set = (value, label) => {
      const button = element("button", { type: "button" }, label);
      button.addEventListener("click", () => {
        for (const id of ids) this.model.visible[id] = value;
        for (const entry of entries) entry.querySelector("input").checked = value;
        this.changed();
      });
      return button;
    };
    return element("div", { class: "all-or-none" }, set(true, "Show all"), set(false, "Hide all"));
  }

  entry(id, label, detail, sample, below) {
    const box = element("input", { type: "checkbox", "data-layer": id });
    box.checked = this.model.visible[id];
    box.addEventListener("change", () => {
      this.model.visible[id] = box.checked;
      this.changed();
    });
    const words = element("span", { class: "label" }, text(label), detail ? element("small", {}, text(detail)) : "");
    const entry = element("label", { class: below ? "entry below" : "entry" }, box, swatch(sample), words);
    if (below) this.emphasise(entry, id);
    return entry;
  }

  // A flow stands out while the pointer or the keyboard is on its entry.
  emphasise(entry, id) {
    const set = (value) => {
      this.model.emphasis = value;
      this.repaint();
    };
    entry.addEventListener("mouseenter", () => set(id));
    entry.addEventListener("mouseleave", () => set(null));
    const box = entry.querySelector("input");
    box.addEventListener("focus", () => { if (box.matches(":focus-visible")) set(id); });
    box.addEventListener("blur", () => set(null));
  }
}

// Railways, ferries, roads; within a mode open, to be built, closed.
function panelOrder(group) {
  const mode = ["rail", "ferry", "road", "transfer"].indexOf(group.mode);
  return mode * 10 + ["open", "future", "shut"].indexOf(group.id.split("-").pop());
}

function swatch(sample, width = 30, height = 16) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const canvas = element("canvas", { width: width * ratio, height: height * ratio, "aria-hidden": "true", class: "swatch" });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  sample(ctx);
  return canvas;
}

function lineSample(ctx, { colour, width, dash }) {
  ctx.beginPath();
  ctx.moveTo(1, 8);
  ctx.lineTo(29, 8);
  ctx.strokeStyle = colour;
  ctx.lineWidth = width * 1.15;
  ctx.setLineDash(dash);
  ctx.stroke();
}

function flowSample(ctx, flow, palette) {
  lineSample(ctx, { colour: flow.colour, width: flow.width, dash: flow.dash });
  if (flow.core) lineSample(ctx, { colour: flow.core, width: flow.width * 0.3, dash: flow.dash });
  const line = { drawnWidth: flow.width, path: [-50, 8, 29, 8] };
  arrows(ctx, line, { left: 0, right: 30, top: 0, bottom: 16 }, flow.core || palette.halo);
}

function nameSample(ctx, palette) {
  ctx.fillStyle = palette.ink;
  ctx.font = "600 12px system-ui, sans-serif";
  ctx.textBaseline = "middle";
  ctx.fillText("Aa", 8, 8.5);
}
