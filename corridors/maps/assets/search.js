// Place search: a combobox over every stored spelling.

class Search {
  constructor(app) {
    Object.assign(this, { app, model: app.model, rows: [], active: -1 });
    this.input = element("input", {
      type: "search", class: "tool", placeholder: "Find a place", "aria-label": "Find a place, in any spelling", role: "combobox",
      "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
    });
    this.list = element("ul", { class: "found", id: "found", role: "listbox", "aria-label": "Places found" });
    this.list.hidden = true;
    this.node = element("div", { class: "search" }, this.input, this.list);
    this.input.addEventListener("input", () => this.look());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // The list must not take the focus from the field, or it would close before the click.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  look() {
    this.index = this.index || new SearchIndex(this.model);
    this.rows = this.index.find(this.input.value);
    this.active = this.rows.length ? 0 : -1;
    const { model } = this;
    const wanted = fold(this.input.value);
    const items = this.rows.map((row, i) => {
      const also = model.spellings(row).find((name) => fold(name).includes(wanted) && name !== model.name(row));
      const kind = [model.word("kinds", model.cell(model.places, "kind", row)), model.country(model.cell(model.places, "country", row))].join(", ");
      const item = element("li", { role: "option", id: `found-${i}` }, text(model.name(row)), " ", element("small", {}, text(also ? `${also} · ${kind}` : kind)));
      item.addEventListener("click", () => this.choose(i));
      return item;
    });
    if (this.input.value.trim() && !items.length) items.push(element("li", { class: "none", role: "option", "aria-disabled": "true" }, "No place of this name on this map"));
    this.list.replaceChildren(...items);
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === this.active)));
    if (this.active >= 0) this.input.setAttribute("aria-activedescendant", `found-${this.active}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.rows.length) {
      this.active = (this.active + step + this.rows.length) % this.rows.length;
      this.mark();
    } else if (event.key === "Enter" && this.active >= 0) {
      this.choose(this.active);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
  }

  choose(i) {
    const row = this.rows[i];
    this.close();
    this.input.value = this.model.name(row);
    if (coarse) this.input.blur(); // so that the keyboard of a phone makes room
    this.app.goTo(row);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.active = -1;
    this.mark();
  }
}
