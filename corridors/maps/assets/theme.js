// Light or dark: as the system asks until the reader chooses; paper is always light.

class Theme {
  constructor(palettes) {
    this.palettes = palettes;
    this.listeners = [];
    const asked = window.matchMedia("(prefers-color-scheme: dark)");
    this.apply(asked.matches ? "dark" : "light");
    asked.addEventListener("change", () => { if (!this.chosen) this.apply(asked.matches ? "dark" : "light"); });
    window.addEventListener("beforeprint", () => { this.onScreen = this.name; this.apply("light"); });
    window.addEventListener("afterprint", () => this.apply(this.onScreen));
  }

  apply(name) {
    this.name = name;
    this.palette = this.palettes[name];
    document.documentElement.dataset.theme = name;
    for (const listener of this.listeners) listener();
  }

  button() {
    const button = element("button", { type: "button", class: "tool theme", title: "Light or dark", "aria-label": "Dark colours" }, "◐");
    const show = () => button.setAttribute("aria-pressed", String(this.name === "dark"));
    button.addEventListener("click", () => {
      this.chosen = true;
      this.apply(this.name === "dark" ? "light" : "dark");
    });
    this.listeners.push(show);
    show();
    return button;
  }
}
