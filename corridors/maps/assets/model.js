// The data of the page behind names: columns by row, places, links, and the two sides compared.

class Model {
  constructor(data) {
    Object.assign(this, {
      asOf: data.asOf, days: data.days, words: data.words, faint: data.faint, tiles: data.tiles, kinds: data.kinds, states: data.states,
      sources: data.sources, marks: data.marks, flows: data.flows, legs: data.legs, languages: data.languages,
      links: data.links.columns, from: data.links.from, to: data.links.to, places: data.places.columns,
    });
    this.language = "en";
    this.lines = new Lines(data.links.geometry);
    this.points = new Lines(data.places.geometry);
    this.placeCount = this.points.x.length;
    this.crossings = new Map(Object.entries(data.places.crossings).map(([row, entry]) => [Number(row), entry]));
    this.kindById = new Map(this.kinds.map((kind) => [kind.id, kind]));
    this.classOf = new Map(this.states.flatMap(({ id, states }) => states.map((state) => [state, id])));
    this.results = data.results.map((layer) => new ResultLayer(layer));
    this.readSides(data);
    this.visible = Object.create(null);
    for (const id of ["names", "changed", ...Object.keys(this.words.symbols)]) this.visible[id] = true;
    for (const { id } of [...this.kinds, ...this.states, ...this.results]) this.visible[id] = true;
    for (const flow of this.flows) this.visible[flow.id] = flow.shown;
    this.rankLabels();
  }

  // The network, and those it is compared with if there are any.
  readSides({ history, sides }) {
    const own = new Map(Object.entries(history));
    this.sides = sides.map((side) => ({
      title: side.title, day: side.day,
      history: side.history ? new Map([...own, ...Object.entries(side.history)]) : own,
      noLinks: new Set(side.no_links), noPlaces: new Set(side.no_places),
      changes: new Map(Object.entries(side.changes).map(([row, facts]) => [Number(row), facts])),
    }));
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

  kindOf(row) { return this.cell(this.links, "kind", row); }

  kind(id) { return this.kindById.get(id); }

  stateClass(state) { return this.classOf.get(state); }

  placeId(row) { return this.cell(this.places, "place_id", row); }

  // In the language chosen, else in English; what has no name goes by its id.
  name(row) {
    const own = this.language === "en" ? "" : this.cell(this.places, `name_${this.language}`, row);
    return own || this.cell(this.places, "name_en", row) || this.placeId(row);
  }

  named(code) {
    let count = 0;
    for (let row = 0; row < this.placeCount; row += 1) if (this.cell(this.places, `name_${code}`, row)) count += 1;
    return count;
  }

  spellings(row) {
    const names = this.languages.map(([code]) => this.cell(this.places, `name_${code}`, row));
    const lists = ["other", "codes", "spelled"].flatMap((name) => this.cell(this.places, name, row).split(", "));
    return [...names, ...lists, this.placeId(row)].filter(Boolean);
  }

  rank(row) { return this.places.rank.a[row]; }

  plainSymbol(row) {
    const name = this.cell(this.places, "symbol", row);
    return name === "station" && this.rank(row) === 0 ? "town" : name;
  }

  symbolShown(row, symbol, zoom) {
    if (symbol === "town") return true;
    if (symbol !== "station") return zoom >= (this.faint ? 6 : 5);
    return zoom >= [0, 5, 6.5, 7.5, 8.5, 11][this.rank(row)];
  }

  linkShown(row, world) {
    const found = world.classes[row];
    const kind = this.kind(this.kindOf(row));
    return Boolean(found) && this.visible[kind.id] && (kind.stateless || this.visible[found]);
  }

  placeOnScreen(row, view) { return [view.px(this.points.x[row]), view.py(this.points.y[row])]; }

  placeLatLng(row) { return L.latLng(latitude(this.points.y[row]), longitude(this.points.x[row])); }

  // Corners of links on the map, for bringing them into view.
  boundsOf(rows) {
    let [w, n, e, s] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const row of rows) {
      const [west, north, east, south] = this.lines.boxes.subarray(row * 4, row * 4 + 4);
      [w, n, e, s] = [Math.min(w, west), Math.min(n, north), Math.max(e, east), Math.max(s, south)];
    }
    return L.latLngBounds([latitude(s), longitude(w)], [latitude(n), longitude(e)]);
  }

  // Ends of routes first, then what a route points out, then by rank; ties by row, so always alike.
  rankLabels() {
    const score = new Float64Array(this.placeCount);
    for (let row = 0; row < this.placeCount; row += 1) score[row] = 10 * this.rank(row) + (this.crossings.has(row) ? 5 : 0);
    this.ends = new Set();
    for (const flow of this.flows) {
      for (const link of flow.steps.map((step) => Math.abs(step) - 1)) {
        score[this.from[link]] -= 0.001;
        score[this.to[link]] -= 0.001;
      }
      if (this.visible[flow.id]) for (const row of flow.ends) this.ends.add(row);
    }
    for (const { row } of this.marks) this.ends.add(row);
    for (const row of this.ends) score[row] = -5;
    this.labelOrder = [...score.keys()].sort((a, b) => score[a] - score[b] || a - b);
  }

  labelShown(row, symbol, zoom) {
    if (this.ends.has(row)) return true;
    if (!this.visible[symbol]) return false;
    return zoom >= (this.crossings.has(row) ? 8 : [4.5, 6.75, 7.25, 8, 9, 13][this.rank(row)]);
  }

  labelStyle(row) {
    if (this.rank(row) === 0 || this.ends.has(row)) return LABEL_STYLES.city;
    return this.crossings.has(row) ? LABEL_STYLES.crossing : LABEL_STYLES.station;
  }
}

// As in map.css; the script has to know how much room a name takes.
const LABEL_STYLES = {
  city: { className: "city", font: "600 12.5px system-ui, sans-serif", height: 16 },
  crossing: { className: "crossing", font: "italic 11px system-ui, sans-serif", height: 14 },
  station: { className: "station", font: "11.5px system-ui, sans-serif", height: 15 },
};
