// Popups: facts with their sources.

class Popups {
  constructor(app) {
    Object.assign(this, { app, map: app.map, model: app.model });
    this.popup = L.popup({ maxWidth: 340, minWidth: 220, className: "facts" });
    this.map.on("popupclose", () => this.select(null));
  }

  select(hit) {
    this.app.select(hit);
  }

  // What lies at a point of the map, in the world of that side.
  open(hits, latlng, world) {
    this.world = world;
    const { x: width, y: height } = this.map.getSize();
    // The closed panel takes the top of a narrow map.
    this.popup.options.autoPanPaddingTopLeft = L.point(width < 700 ? [12, 62] : [56, 12]);
    this.popup.options.autoPanPaddingBottomRight = L.point(12, 24);
    this.popup.options.maxHeight = Math.max(160, Math.min(360, height - 140));
    this.show(hits, 0);
    this.popup.setLatLng(latlng).openOn(this.map);
    this.select(hits[0]);
  }

  show(hits, index) {
    const hit = hits[index];
    const body = { place: () => this.place(hit.row), link: () => this.link(hit.row), flow: () => this.flow(hit.flow),
      result: () => this.result(hit.layer, hit.row) };
    const card = element("div", { class: "card" }, ...body[hit.kind]());
    if (hits.length > 1) card.append(this.pager(hits, index));
    this.popup.setContent(card);
    if (this.popup.isOpen()) this.select(hit);
  }

  pager(hits, index) {
    const step = (label, to, name) => {
      const button = element("button", { type: "button", "aria-label": name }, label);
      button.addEventListener("click", (event) => {
        event.stopPropagation(); // the card is replaced under the pointer; the map must not see the click
        this.show(hits, (to + hits.length) % hits.length);
      });
      return button;
    };
    return element(
      "div", { class: "pager" }, step("‹", index - 1, "Previous object here"),
      element("span", {}, `${index + 1} of ${hits.length} here`), step("›", index + 1, "Next object here"),
    );
  }

  place(row) {
    const { model } = this;
    const of = (name) => model.cell(model.places, name, row);
    const crossing = model.crossings.get(row);
    const facts = model.languages.map(([code, language]) => {
      const name = of(`name_${code}`);
      const known = name && name !== model.name(row) && !(code === "en" && model.language === "en");
      return [language, known && element("bdi", { dir: "auto", lang: code }, name)];
    });
    facts.push(["Also", of("other")], ["Station code", of("codes")]);
    if (crossing) {
      facts.push(
        ["Between", crossing.countries.map((code) => model.country(code)).join(" and ")],
        ["Mode", model.word("modes", crossing.mode)],
        ...this.states((world) => world.placeState(row), (world) => world.entry(of("place_id"))),
        ["Border posts", crossing.posts.map((post) => model.name(post)).join(" – ")],
      );
    } else {
      facts.push(["Country", model.country(of("country"))], ["Mode", model.word("modes", of("mode"))]);
    }
    facts.push(
      ["Source", this.source(crossing ? crossing.source : of("source"), crossing ? crossing.confidence : of("confidence"))],
      ["Position", this.source(of("position_source"), of("position_accuracy"))],
      ["Note", [crossing && crossing.note, of("note")].filter(Boolean).join(" ")],
    );
    const kind = [model.word("kinds", of("kind")), model.language === "en" ? "" : of("name_en")].filter(Boolean).join(" · ");
    return [element("h2", {}, text(model.name(row))), element("p", { class: "kind" }, text(kind)), this.table(facts), this.history([of("place_id")])];
  }

  link(row) {
    const { model, world } = this;
    const of = (name) => model.cell(model.links, name, row);
    const km = (value, digits) => (value === null ? "" : `${figure(value, digits)} km`);
    const entry = world.linkEntry(row);
    const facts = [
      ["Line", of("line_name")], ["Road", of("road_ref")],
      ...this.states((side) => side.state(row), (side) => side.linkEntry(row)),
      ["", world.passes(entry) && !world.usable(row) ? "not passable that day: one of its ends is closed" : ""],
      ["", entry && !world.passes(entry) && entry[0] === "seasonal" ? "out of season that day" : ""],
      ["Length", `${km(of("length_km"), 3)}, ${model.word("lengths", of("length_kind"))}`],
      ["Drawn length", km(of("geometry_km"), 1)],
      ["Gauge", of("gauge_mm") && `${of("gauge_mm")} mm`], ["Electrified", of("electrification")], ["Tracks", of("tracks")],
      ["Operator", of("operator")], ["Country", model.country(of("country"))],
      ...((this.app.right && this.app.right.side.changes.get(row)) || []).map(([name, before, after]) => [`${name} differs`, `${before || "none"} → ${after || "none"}`]),
      ["Source", this.source(of("length_source"), of("confidence"))],
      ["State source", entry && this.source(entry[3], entry[4])], ["Note", of("note")], ["Id", of("link_id")],
    ];
    return [
      element("h2", {}, text(model.name(model.from[row])), " – ", text(model.name(model.to[row]))),
      element("p", { class: "kind" }, model.word("modes", of("mode"))), this.table(facts),
      this.history([of("link_id"), of("line_id")]),
    ];
  }

  // The state on the day shown; while two worlds are compared, on both sides.
  states(stateIn, entryIn) {
    const { left, right } = this.app;
    const words = (world) => {
      const state = stateIn(world);
      if (!state) return world.side.noLinks.size || world.side.noPlaces.size ? "not there" : "not known";
      const entry = entryIn(world);
      const since = entry && entry[1] > this.model.days[0] ? `, since ${entry[1]}` : "";
      return `${this.model.word("states", state)} on ${world.day}${since}`;
    };
    if (!right) return [["State", words(left)]];
    return [["State, left", words(left)], ["State, right", words(right)]];
  }

  flow(flow) {
    const facts = [...flow.facts, ["Sources", flow.sources.length ? this.sources(flow.sources) : ""]];
    const chip = element("span", { class: "chip" });
    chip.style.background = this.app.theme.palette.flows[flow.colour];
    return [element("h2", {}, chip, text(flow.title)), this.table(facts)];
  }

  result(layer, row) {
    const value = layer.size[row];
    const facts = layer.facts.map(([heading, values]) => [heading, this.model.cell({ values }, "values", row)]);
    if (layer.largest) facts.unshift([layer.title, value === null ? "not known" : figure(value, 3)]);
    return [element("h2", {}, text(this.model.cell(layer, "label", row))), this.table(facts)];
  }

  table(facts) {
    const list = element("dl", {});
    for (const [name, value] of facts) {
      if (value === "" || value === null || value === undefined || value === false) continue;
      list.append(element("dt", {}, name), element("dd", {}, value instanceof Node ? value : text(value)));
    }
    return list;
  }

  history(subjects) {
    const rows = subjects.flatMap((subject) => this.world.side.history.get(subject) || []);
    if (!rows.length) return "";
    const list = element("ul", {});
    for (const [state, from, to, source, confidence, season, note] of rows) {
      const days = `${from} – ${to || "…"}: ${this.model.word("states", state)}${season ? ` (${season})` : ""}`;
      list.append(element("li", {}, days, note ? ". " : "", note ? text(note) : "", " ", this.source(source, confidence)));
    }
    const title = element("summary", {}, `States through time (${rows.length})`);
    return element("details", {}, title, list);
  }

  sources(names) {
    const nodes = names.flatMap((name, i) => (i ? ["; ", this.source(name)] : [this.source(name)]));
    return element("span", {}, ...nodes);
  }

  // A source by its title; a link only where it has a web address, opened only by a click.
  source(name, confidence = "") {
    if (!name) return "";
    const entry = this.model.sources[name] || {};
    const label = [entry.title || name, entry.publisher, entry.date].filter(Boolean).join(", ");
    const web = /^https?:\/\//i.test(entry.url || "");
    const link = { href: entry.url, target: "_blank", rel: "noopener noreferrer" };
    const shown = web ? element("a", link, text(label)) : text(label);
    return element("span", { class: "source" }, shown, confidence ? ` (${confidence})` : "");
  }
}
