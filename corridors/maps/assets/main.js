// The page's program: read the data block, put the sheets on the map, answer clicks.

class App {
  constructor(map, data) {
    this.map = map;
    this.data = data;
    this.theme = new Theme(data.palettes);
    this.model = new Model(data);
    const { sides } = this.model;
    this.days = [sides[0].day, (sides[1] || sides[0]).day];
    this.swipe = new Swipe(this);
    this.setWorlds(sides.length > 1 ? "1" : "none");
  }

  // What may be compared: [id, label]; the id of another network is its number.
  modes() {
    const [base, ...others] = this.model.sides;
    const named = others.map((other, i) => [String(i + 1), `${base.title} | ${other.title}`]);
    return [["none", "No comparison"], ["dates", "Compare two days"], ...named];
  }

  // The network on the right, if it is another one.
  get other() { return this.model.sides[Number(this.mode)]; }

  // Whether both sides move through time together.
  get linked() { return Boolean(this.other) && this.other.day === this.model.sides[0].day; }

  setWorlds(mode) {
    this.mode = mode;
    const base = this.model.sides[0];
    if (this.linked) this.days[1] = this.days[0];
    this.left = new World(this.model, base, this.days[0]);
    this.right = mode === "none" ? null : new World(this.model, this.other || base, this.days[1]);
    this.differences = this.right ? this.left.differences(this.right) : null;
  }

  setDay(number, day) {
    this.days[number] = day;
    this.setWorlds(this.mode);
    this.changed();
  }

  // Two days differ from the start: before is the first day known, after is the day shown.
  setCompare(mode) {
    if (mode === "dates" && this.days[0] === this.days[1]) this.days[0] = this.model.days[0];
    if (mode !== "dates" && this.mode === "dates") this.days[0] = this.days[1];
    this.setWorlds(mode);
    this.changed();
  }

  sideNames() {
    const { left, right } = this;
    if (this.mode === "dates") return [left.day, right.day];
    const day = (world) => (this.linked ? "" : `, ${world.day}`);
    return [left.side.title + day(left), right.side.title + day(right)];
  }

  events() {
    this.known = this.known || eventsOf(this.model.sides[0], this.model.days);
    return this.known;
  }

  swipeX() { return this.map.containerPointToLayerPoint([this.swipe.share * this.map.getSize().x, 0]).x; }

  worldAt({ x }) { return this.right && x > this.swipeX() ? this.right : this.left; }

  repaint() { this.sheet.repaint(); }

  // Something else is to be seen: another day, layer, language or theme.
  changed() {
    this.model.rankLabels();
    this.repaint();
    this.labels.place();
    this.panel.render();
    this.timeBar.show();
    this.swipe.show();
  }

  select(hit) {
    this.network.selected = hit;
    this.repaint();
  }

  show(hit, bounds) {
    this.map.closePopup();
    this.select(hit);
    this.map.fitBounds(bounds, { maxZoom: 9, ...this.besidePanel() });
  }

  goTo(row) {
    const latlng = this.model.placeLatLng(row);
    this.map.setView(latlng, Math.max(this.map.getZoom(), 8.5), { animate: false });
    this.popups.open([{ kind: "place", row }], latlng, this.left.symbols[row] || !this.right ? this.left : this.right);
  }

  setLanguage(code) {
    this.model.language = code;
    this.changed();
    this.map.closePopup();
  }

  // The open panel hides part of the map: what matters is fitted into the rest.
  besidePanel() {
    const right = this.panel.body.hidden ? 0 : this.panel.body.offsetWidth + 20;
    return { animate: false, paddingTopLeft: [24, 20], paddingBottomRight: [right + 16, 28] };
  }

  home() { this.map.fitBounds(this.data.view, this.besidePanel()); }

  start() {
    const { map, data, model } = this;
    map.attributionControl.setPrefix("Leaflet 1.9").addAttribution(text(data.attribution).outerHTML);
    L.control.zoom({ position: "topleft" }).addTo(map);
    this.homeButton().addTo(map);
    L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
    this.timeBar = new TimeBar(this);
    map.getContainer().after(this.timeBar.node);
    this.timeBar.show();
    document.querySelector("header").append(this.tools());
    map.invalidateSize({ animate: false });

    const base = new BaseMap(data.base);
    this.network = new NetworkSheet(this);
    map.createPane("base").style.zIndex = 150;
    map.createPane("network").style.zIndex = 420;
    map.fitBounds(data.view, { animate: false, padding: [24, 24] });
    this.ground = new Sheet((ctx, view) => base.paint(ctx, view, this.theme.palette), { pane: "base", padding: 0.25 });
    this.sheet = new Sheet((ctx, view) => this.network.paint(ctx, view), { pane: "network", padding: 0.25 });
    this.panel = new Panel(this);
    this.home();
    if (!data.tiles) this.ground.addTo(map);
    this.sheet.addTo(map);
    this.labels = new Labels(this, base);
    this.popups = new Popups(this);
    this.swipe.show();
    const [[south, west], [north, east]] = data.base.area;
    map.setMaxBounds([[south - 6, west - 10], [north + 6, east + 10]]);
    this.theme.listeners.push(() => {
      if (!data.tiles) this.ground.repaint();
      this.changed();
    });
    new ResizeObserver(() => this.fit()).observe(map.getContainer());
    this.fit();
    this.answer();
    this.labels.place();
  }

  // The map gives and takes room as the time bar grows; the panel never reaches below it.
  fit() {
    const { clientHeight } = this.map.getContainer();
    document.documentElement.style.setProperty("--map-height", `${clientHeight}px`);
    this.map.invalidateSize({ animate: false });
    this.timeBar.show();
  }

  tools() {
    const language = element("select", { class: "tool", "aria-label": "Language of the names" }, ...this.model.languages.map(([code, name]) => element("option", { value: code }, name)));
    language.addEventListener("change", () => this.setLanguage(language.value));
    this.search = new Search(this);
    return element("div", { class: "tools" }, this.search.node, language, this.theme.button());
  }

  homeButton() {
    const control = L.control({ position: "topleft" });
    control.onAdd = () => {
      const name = "Back to the first view";
      const box = element("div", { class: "leaflet-bar" }, button("⌂", { class: "home", title: name, "aria-label": name }, () => this.home()));
      L.DomEvent.disableClickPropagation(box);
      return box;
    };
    return control;
  }

  // Clicks open facts; the pointer shows where there are some.
  answer() {
    const { map } = this;
    const here = (point) => pick(this, viewOf(map, L.bounds(point, point)), point);
    map.on("click", (event) => {
      const hits = here(event.layerPoint);
      if (hits.length) this.popups.open(hits, event.latlng, this.worldAt(event.layerPoint));
    });
    const hover = onceAFrame((event) => map.getContainer().classList.toggle("over-something", here(event.layerPoint).length > 0));
    if (!coarse) map.on("mousemove", hover);
    window.addEventListener("beforeprint", () => document.querySelectorAll("details.tables").forEach((node) => { node.open = true; }));
  }
}

function start() {
  const container = document.querySelector(".folium-map");
  container.setAttribute("role", "region");
  container.setAttribute("aria-label", "Map");
  container.setAttribute("aria-describedby", "map-in-words");
  const map = window[container.id]; // folium declares its map under the name of its element
  new App(map, JSON.parse(document.getElementById("corridors-data").textContent)).start();
  Object.assign(document.documentElement.dataset, { ready: "true", ms: Math.round(performance.now()) });
}

// A page in a frame may run before the frame has a size, and nothing can be fitted into none.
function whenShown(begin) {
  const box = document.querySelector(".folium-map");
  const shown = () => box.clientWidth > 100 && box.clientHeight > 100;
  if (shown()) {
    begin();
    return;
  }
  const watch = new ResizeObserver(() => {
    if (!shown()) return;
    watch.disconnect();
    window[box.id].invalidateSize(false);
    begin();
  });
  watch.observe(box);
}

whenShown(start);
