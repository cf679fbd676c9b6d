// The divider between two worlds: dragged by pointer, moved by arrow keys.

class Swipe {
  constructor(app) {
    Object.assign(this, { app, share: 0.5 });
    this.handle = element("div", {
      class: "swipe-handle", role: "slider", tabindex: "0", "aria-label": "Divider between left and right",
      "aria-valuemin": "0", "aria-valuemax": "100",
    }, "⇔");
    this.names = [element("span", { class: "side left" }), element("span", { class: "side right" })];
    this.node = element("div", { class: "swipe" }, ...this.names, this.handle);
    this.node.hidden = true;
    app.map.getContainer().append(this.node);
    L.DomEvent.disableClickPropagation(this.node);
    this.handle.addEventListener("pointerdown", (event) => {
      this.handle.setPointerCapture(event.pointerId);
      event.stopPropagation();
    });
    this.handle.addEventListener("pointermove", (event) => {
      if (!this.handle.hasPointerCapture(event.pointerId)) return;
      const frame = app.map.getContainer().getBoundingClientRect();
      this.move((event.clientX - frame.left) / frame.width);
    });
    this.handle.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: this.share - 0.02, ArrowRight: this.share + 0.02, Home: 0, End: 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.move(to);
    });
    const follow = onceAFrame(() => { if (app.right) app.repaint(); });
    app.map.on("move", follow);
  }

  move(share) {
    this.share = Math.min(1, Math.max(0, share));
    this.show();
    this.app.repaint();
    this.app.labels.placeSoon();
  }

  show() {
    const { right } = this.app;
    this.node.hidden = !right;
    if (!right) return;
    this.node.style.left = `${this.share * 100}%`;
    this.handle.setAttribute("aria-valuenow", String(Math.round(this.share * 100)));
    this.app.sideNames().forEach((name, i) => this.names[i].replaceChildren(text(name)));
  }
}
