// Elements of the page. Text from data only ever becomes a text node.

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

// Names in any script, each with its own direction, so that none turns its neighbours round.
const text = (value) => element("bdi", { dir: "auto" }, String(value));

const figure = (value, digits = 0) => value.toLocaleString("en", { maximumFractionDigits: digits });

function button(label, attributes, act) {
  const node = element("button", { type: "button", ...attributes }, label);
  node.addEventListener("click", act);
  return node;
}

// Runs at most once a frame, with the last arguments.
function onceAFrame(act) {
  let waiting = null;
  return (...args) => {
    if (waiting === null) requestAnimationFrame(() => { const last = waiting; waiting = null; act(...last); });
    waiting = args;
  };
}
