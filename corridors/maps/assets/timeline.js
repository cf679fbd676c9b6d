// The time bar: the day that is shown, the changes before and after it, and the day compared with.

const monthOf = (day) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
const firstOf = (month) => `${String(Math.floor(month / 12)).padStart(4, "0")}-${String((month % 12) + 1).padStart(2, "0")}-01`;
const isDay = (day) => /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day));

// Every day on which something changes, with what: [day, [subject, state], ...], oldest first.
function eventsOf(side, [first, last]) {
  const byDay = new Map();
  for (const [subject, rows] of side.history) {
    for (const [state, from] of rows) {
      if (from <= first || from > last) continue;
      if (!byDay.has(from)) byDay.set(from, []);
      byDay.get(from).push([subject, state]);
    }
  }
  return [...byDay].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

// One day, set by a date field, a slider in months, or the buttons to the next change.
class DayRow {
  constructor(app, number, label) {
    Object.assign(this, { app, number });
    const [first, last] = app.model.days;
    this.date = element("input", { type: "date", class: "tool", min: first, max: last, "aria-label": label });
    this.slider = element("input", { type: "range", min: monthOf(first), max: monthOf(last), step: 1, "aria-label": `${label}, by month` });
    this.ticks = element("canvas", { class: "ticks", "aria-hidden": "true" });
    const step = (sign, sample, name) => button(sample, { class: "tool", title: name, "aria-label": name }, () => this.step(sign));
    this.back = button("↺", { class: "tool", title: "Back to the map's own day", "aria-label": "Back to the map's own day" }, () => app.setDay(number, app.model.sides[0].day));
    this.node = element(
      "div", { class: "day-row" }, this.date, step(-1, "‹", "Change before"),
      element("div", { class: "track" }, this.slider, this.ticks), step(1, "›", "Next change"), this.back,
    );
    this.slider.addEventListener("input", () => this.slide());
    this.date.addEventListener("change", () => {
      const day = this.date.value;
      if (isDay(day) && day >= first && day <= last) app.setDay(number, day);
      else this.show();
    });
  }

  get day() { return this.app.days[this.number]; }

  // The slider knows months; in the month of the map's own day it means that day.
  slide() {
    const month = Number(this.slider.value);
    const own = this.app.model.sides[0].day;
    this.app.setDay(this.number, monthOf(own) === month ? own : firstOf(month));
  }

  step(sign) {
    const days = this.app.events().map(([day]) => day);
    const next = sign > 0 ? days.find((day) => day > this.day) : days.filter((day) => day < this.day).pop();
    const [first, last] = this.app.model.days;
    this.app.setDay(this.number, next || (sign > 0 ? last : first));
  }

  show() {
    const { day } = this;
    this.date.value = day;
    this.slider.value = monthOf(day);
    this.slider.setAttribute("aria-valuetext", day);
    this.back.disabled = day === this.app.model.sides[0].day;
  }

  // A tick for each day on which something changes, a number at each fifth year.
  paintTicks() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const { clientWidth: width, clientHeight: height } = this.ticks;
    if (!width) return;
    Object.assign(this.ticks, { width: width * ratio, height: height * ratio });
    const ctx = this.ticks.getContext("2d");
    ctx.scale(ratio, ratio);
    const [first, last] = this.app.model.days;
    const thumb = 8;
    const at = (month) => thumb + ((month - monthOf(first)) / (monthOf(last) - monthOf(first))) * (width - 2 * thumb);
    const { palette } = this.app.theme;
    ctx.fillStyle = palette.tick;
    for (const [day] of this.app.events()) ctx.fillRect(at(monthOf(day)), 0, 1, 4);
    ctx.fillStyle = palette.soft;
    ctx.font = "10px system-ui, sans-serif";
    ctx.textAlign = "center";
    const every = width < 420 ? 10 : 5;
    for (let year = Math.ceil(Number(first.slice(0, 4)) / every) * every; year <= Number(last.slice(0, 4)); year += every) {
      ctx.fillText(String(year), Math.min(width - 12, Math.max(12, at(year * 12))), 14);
    }
  }
}

class TimeBar {
  constructor(app) {
    Object.assign(this, { app, model: app.model });
    this.days = [new DayRow(app, 0, "Day shown"), new DayRow(app, 1, "Day compared with")];
    this.compare = element("select", { class: "tool", "aria-label": "Compare" }, ...app.modes().map(([id, label]) => element("option", { value: id }, text(label))));
    this.compare.addEventListener("change", () => app.setCompare(this.compare.value));
    this.news = element("p", { class: "news", "aria-live": "polite" });
    this.list = element("ul", {});
    this.details = element("details", { class: "differences" }, element("summary", {}, "What differs"), this.list);
    const below = element("div", { class: "below-days" }, this.news, this.compare);
    this.node = element("div", { class: "timebar", role: "group", "aria-label": "Day and comparison" }, ...this.days.map(({ node }) => node), this.details, below);
  }

  show() {
    const { app } = this;
    this.days[1].node.hidden = !app.right || app.linked;
    for (const row of this.days) row.show();
    this.compare.value = app.mode;
    this.news.replaceChildren(...this.latest());
    this.details.hidden = !app.right;
    if (app.right) this.showDifferences();
    for (const row of this.days) row.paintTicks();
  }

  subject(id) {
    if (!this.subjects) {
      const { model } = this;
      this.subjects = new Map();
      for (let row = 0; row < model.lines.size; row += 1) {
        this.subjects.set(model.cell(model.links, "line_id", row), () => model.cell(model.links, "line_name", row));
        this.subjects.set(model.cell(model.links, "link_id", row), () => this.linkName(row));
      }
      for (let row = 0; row < model.placeCount; row += 1) this.subjects.set(model.placeId(row), () => model.name(row));
    }
    const name = this.subjects.get(id);
    return name ? name() : id;
  }

  linkName(row) { return `${this.model.name(this.model.from[row])} – ${this.model.name(this.model.to[row])}`; }

  // The last change up to the day, in words.
  latest() {
    const { app, model } = this;
    const past = app.events().filter(([day]) => day <= app.left.day).pop();
    if (!past) return [];
    const [day, changes] = past;
    const told = changes.slice(0, 2).flatMap(([id, state], i) => [i ? "; " : "", text(this.subject(id)), ": ", model.word("states", state)]);
    const more = changes.length > 2 ? ` and ${changes.length - 2} more` : "";
    return [element("strong", {}, day), " ", ...told, more];
  }

  // Lines and crossings that differ, each a button that brings it into view.
  showDifferences() {
    const { app, model } = this;
    const { links, places } = app.differences;
    const word = (state) => (state ? model.word("states", state) : "not there");
    const lines = new Map();
    for (const { row, before, after } of links) {
      const name = model.cell(model.links, "line_name", row) || this.linkName(row);
      const what = before === after ? "figures differ" : `${word(before)} → ${word(after)}`;
      const key = `${name}\u0000${what}`;
      if (!lines.has(key)) lines.set(key, { name, what, rows: [], km: 0 });
      const line = lines.get(key);
      line.rows.push(row);
      line.km += model.cell(model.links, "length_km", row) || 0;
    }
    const items = [...lines.values()].sort((a, b) => b.km - a.km).map(({ name, what, rows, km }) => {
      const act = () => app.show({ kind: "line", links: rows }, model.boundsOf(rows));
      return element("li", {}, button(text(name), {}, act), ` ${what}, ${figure(km)} km`);
    });
    for (const { row, before, after } of places) {
      items.push(element("li", {}, button(text(model.name(row)), {}, () => app.goTo(row)), ` ${word(before)} → ${word(after)}`));
    }
    this.details.firstChild.textContent = `What differs: ${links.length} links, ${places.length} crossings`;
    this.list.replaceChildren(...items);
  }
}
