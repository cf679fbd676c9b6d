// The page's program: read the data block, put the sheets on the map, answer clicks.

// As in map.css; the script has to know how much room a name takes.
const LABEL_STYLES = {
  city: { className: "city", font: "600 12.5px system-ui, sans-serif", height: 16 },
  crossing: { className: "crossing", font: "italic 11px system-ui, sans-serif", height: 14 },
  station: { className: "station", font: "11.5px system-ui, sans-serif", height: 15 },
};

class Model {
  constructor(data) {
    Object.assign(this, {
      asOf: data.asOf, palette: data.palette, words: data.words, faint: data.faint, tiles: data.tiles,
      sources: data.sources, history: data.history, marks: data.marks, flows: data.flows,
      links: data.links.columns, from: data.links.from, to: data.links.to,
      places: data.places.columns, crossings: data.places.crossings,
    });
    this.lines = new Lines(data.links.geometry);
    this.points = new Lines(data.places.geometry);
    this.placeCount = this.points.x.length;
    this.groups = data.groups.map((group) => ({ ...group, rows: [] }));
    const groupOf = Object.fromEntries(this.groups.map((group) => [group.id, group]));
    for (let row = 0; row < this.lines.size; row += 1) groupOf[this.cell(this.links, "group", row)].rows.push(row);
    this.symbolRows = Object.fromEntries(Object.keys(SYMBOL_WORDS).map((name) => [name, []]));
    for (let row = 0; row < this.placeCount; row += 1) this.symbolRows[this.symbol(row)].push(row);
    this.visible = Object.create(null);
    for (const id of ["names", ...Object.keys(this.symbolRows)]) this.visible[id] = true;
    for (const group of this.groups) this.visible[group.id] = true;
    this.results = data.results.map((layer) => new ResultLayer(layer));
    for (const layer of this.results) this.visible[layer.id] = true;
    for (const flow of this.flows) this.visible[flow.id] = flow.shown;
    this.rankLabels();
  }

  cell(columns, name, row) {
    const column = columns[name];
    if (column.a) return column.a[row];
    return column.i ? column.v[column.i[row]] : column.v[0];
  }

  word(kind, value) {
    const words = this.words[kind];
    return Object.hasOwn(words, value) ? words[value] : value;
  }

  country(code) { return this.word("countries", code); }

  name(row) { return this.cell(this.places, "name_en", row); }

  rank(row) { return this.places.rank.a[row]; }

  symbol(row) {
    const name = this.cell(this.places, "symbol", row);
    return name === "station" && this.rank(row) === 0 ? "town" : name;
  }

  symbolShown(row, zoom) {
    const name = this.symbol(row);
    if (name === "town") return true;
    if (name !== "station") return zoom >= (this.faint ? 6 : 5);
    return zoom >= [0, 5, 6.5, 7.5, 8][this.rank(row)];
  }

  placeOnScreen(row, view) { return [view.px(this.points.x[row]), view.py(this.points.y[row])]; }

  // Ends of routes first, then what a route points out, then by rank; ties by row, so always alike.
  rankLabels() {
    const score = new Float64Array(this.placeCount);
    for (let row = 0; row < this.placeCount; row += 1) {
      score[row] = 10 * this.rank(row) + (this.symbol(row).startsWith("crossing") ? 5 : 0);
    }
    this.ends = new Set();
    for (const flow of this.flows) {
      for (const link of flow.steps.map((step) => Math.abs(step) - 1)) {
        score[this.from[link]] -= 0.001;
        score[this.to[link]] -= 0.001;
      }
      for (const row of flow.ends) this.ends.add(row);
    }
    for (const { row } of this.marks) this.ends.add(row);
    for (const row of this.ends) score[row] = -5;
    this.labelOrder = [...score.keys()].sort((a, b) => score[a] - score[b] || a - b);
  }

  labelShown(row, zoom) {
    if (this.ends.has(row)) return true;
    const isCrossing = this.symbol(row).startsWith("crossing");
    if (!this.visible[this.symbol(row)]) return false;
    return zoom >= (isCrossing ? 8 : [4.5, 6.75, 7.25, 8, 9][this.rank(row)]);
  }

  labelStyle(row) {
    if (this.rank(row) === 0 || this.ends.has(row)) return LABEL_STYLES.city;
    return this.symbol(row).startsWith("crossing") ? LABEL_STYLES.crossing : LABEL_STYLES.station;
  }
}

function start() {
  const container = document.querySelector(".folium-map");
  const map = window[container.id]; // folium declares its map under the name of its element
  const data = JSON.parse(document.getElementById("corridors-data").textContent);
  const model = new Model(data);
  container.setAttribute("role", "region");
  container.setAttribute("aria-label", "Map; the tables below it hold the same content");

  map.attributionControl.setPrefix("Leaflet 1.9").addAttribution(data.attribution);
  L.control.zoom({ position: "topleft" }).addTo(map);
  homeButton(map, data.view).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);

  const base = new BaseMap(data.base, data.palette);
  const network = new NetworkSheet(model);
  const below = map.createPane("base");
  below.style.zIndex = 150;
  map.createPane("network").style.zIndex = 420;
  map.fitBounds(data.view, { animate: false, padding: [24, 24] });
  if (!data.tiles) new Sheet((ctx, view) => base.paint(ctx, view), { pane: "base", padding: 0.25 }).addTo(map);
  const sheet = new Sheet((ctx, view) => network.paint(ctx, view), { pane: "network", padding: 0.25 }).addTo(map);
  const labels = new Labels(map, model, base);
  new Panel(map, model, () => { sheet.repaint(); labels.place(); }, () => sheet.repaint());
  fitBesidePanel(map, data.view);
  const [[south, west], [north, east]] = data.base.area;
  map.setMaxBounds([[south - 6, west - 10], [north + 6, east + 10]]);

  const popups = new Popups(map, model, network, () => sheet.repaint());
  const here = (point) => pick(model, viewOf(map, L.bounds(point, point)), point);
  map.on("click", (event) => {
    const hits = here(event.layerPoint);
    if (hits.length) popups.open(hits, event.latlng);
  });
  let waiting = false;
  map.on("mousemove", (event) => {
    if (waiting || coarse) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      container.classList.toggle("over-something", here(event.layerPoint).length > 0);
    });
  });
  labels.place();
  document.documentElement.dataset.ready = "true";
}

// The open panel hides part of the map: what matters is fitted into the rest.
function fitBesidePanel(map, view) {
  const body = map.getContainer().querySelector(".panel-body");
  const right = body && !body.hidden ? body.offsetWidth + 20 : 0;
  map.fitBounds(view, { animate: false, paddingTopLeft: [24, 20], paddingBottomRight: [right + 16, 28] });
}

function homeButton(map, view) {
  const control = L.control({ position: "topleft" });
  control.onAdd = () => {
    const name = "Back to the first view";
    const button = element("button", { type: "button", class: "home", title: name, "aria-label": name }, "⌂");
    button.addEventListener("click", () => fitBesidePanel(map, view));
    const box = element("div", { class: "leaflet-bar" }, button);
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  return control;
}

start();
