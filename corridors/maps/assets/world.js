// The network on one day: what state every link and crossing has, by the dated rows of the tables.

const holds = ([, from, to], day) => from <= day && (!to || day < to);

// A season such as 06-01..10-31; it may run over the turn of the year.
function inSeason(season, day) {
  if (!season) return true;
  const [first, last] = season.split("..");
  const today = day.slice(5);
  return first <= last ? first <= today && today <= last : today >= first || today <= last;
}

class World {
  // `side` is the network itself or the one it is compared with: its history, rows it lacks, name.
  constructor(model, side, day) {
    Object.assign(this, { model, side, day, known: new Map() });
    this.rows = new Map(model.kinds.map((kind) => [kind.id, new Map(model.states.map((state) => [state.id, []]))]));
    this.km = new Map([...model.kinds, ...model.states].map(({ id }) => [id, 0]));
    this.classes = new Array(model.lines.size).fill(null);
    for (let row = 0; row < model.lines.size; row += 1) this.place(row);
    this.symbols = new Array(model.placeCount);
    this.symbolRows = Object.fromEntries(Object.keys(model.words.symbols).map((name) => [name, []]));
    for (let row = 0; row < model.placeCount; row += 1) {
      if (side.noPlaces.has(row)) continue;
      this.symbols[row] = this.symbolOf(row);
      this.symbolRows[this.symbols[row]].push(row);
    }
  }

  // The row of the state table that holds for a line, link or place on the day.
  entry(subject) {
    if (!this.known.has(subject)) {
      this.known.set(subject, (this.side.history.get(subject) || []).find((row) => holds(row, this.day)) || null);
    }
    return this.known.get(subject);
  }

  linkEntry(row) {
    if (this.side.noLinks.has(row)) return null;
    const { model } = this;
    return this.entry(model.cell(model.links, "link_id", row)) || this.entry(model.cell(model.links, "line_id", row));
  }

  state(row) {
    const entry = this.linkEntry(row);
    return entry ? entry[0] : "";
  }

  place(row) {
    const { model } = this;
    const kind = model.kindOf(row);
    const found = model.stateClass(this.state(row));
    if (!found) return;
    this.classes[row] = found;
    this.rows.get(kind).get(found).push(row);
    const km = model.cell(model.links, "length_km", row) || 0;
    this.km.set(kind, this.km.get(kind) + km);
    this.km.set(found, this.km.get(found) + km);
  }

  passes(entry) { return !entry || ((entry[0] === "open" || entry[0] === "seasonal") && inSeason(entry[5], this.day)); }

  placePasses(row) { return this.passes(this.entry(this.model.placeId(row))); }

  placeState(row) {
    const entry = this.entry(this.model.placeId(row));
    return entry ? entry[0] : "open";
  }

  // Whether the states let traffic through; rules about who may pass are another matter.
  usable(row) {
    const { model } = this;
    const entry = this.linkEntry(row);
    return Boolean(entry) && this.passes(entry) && this.placePasses(model.from[row]) && this.placePasses(model.to[row]);
  }

  symbolOf(row) {
    const { model } = this;
    if (model.crossings.has(row)) return this.placePasses(row) ? "crossing_open" : "crossing_closed";
    return model.plainSymbol(row);
  }

  // Links and crossings that are not the same in another world, each with both states.
  differences(other) {
    const { model } = this;
    const links = [];
    for (let row = 0; row < model.lines.size; row += 1) {
      const [before, after] = [this.state(row), other.state(row)];
      if (before !== after || other.side.changes.has(row)) links.push({ row, before, after });
    }
    const places = [];
    for (const row of model.crossings.keys()) {
      const [before, after] = [this.placeState(row), other.placeState(row)];
      if (before !== after) places.push({ row, before, after });
    }
    return { links, places };
  }
}
