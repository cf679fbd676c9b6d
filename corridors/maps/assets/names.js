// Names: in the language chosen, and found whatever their spelling.

// Letters that carry no combining mark and so survive NFKD; as corridors.names has them.
const LETTERS = { "ə": "e", "ǝ": "e", "ı": "i", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "đ": "d", "ё": "е", "ς": "σ" };

// What all spellings of a name share: no case, no diacritics, no punctuation.
function fold(name) {
  const letters = (part) => part.replace(/[əǝıłøßæđёς]/gu, (letter) => LETTERS[letter]);
  const caseless = (part) => part.normalize("NFKD").toUpperCase().toLowerCase();
  const plain = caseless(letters(name.normalize("NFKD").toLowerCase()));
  return letters(plain.normalize("NFKD").replace(/\p{M}/gu, "")).replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

// Every stored spelling of every place, folded. People write ə as e or, more often, as a.
class SearchIndex {
  constructor(model) {
    this.model = model;
    this.entries = [];
    for (let row = 0; row < model.placeCount; row += 1) {
      const names = model.spellings(row);
      const keys = new Set();
      for (const name of names) {
        keys.add(fold(name));
        if (/ə/iu.test(name)) keys.add(fold(name.replace(/ə/giu, "a")));
      }
      for (const key of keys) if (key) this.entries.push([key, row]);
    }
  }

  // Rows whose names answer: the whole name first, then its beginning, a word in it, any part.
  find(query, most = 8) {
    const wanted = fold(query);
    if (!wanted) return [];
    const best = new Map();
    for (const [key, row] of this.entries) {
      const at = key.indexOf(wanted);
      if (at < 0) continue;
      const score = key === wanted ? 0 : at === 0 ? 1 : key[at - 1] === " " ? 2 : 3;
      if (!best.has(row) || best.get(row) > score) best.set(row, score);
    }
    const { model } = this;
    const order = (a, b) => a[1] - b[1] || model.rank(a[0]) - model.rank(b[0]) || a[0] - b[0];
    return [...best].sort(order).slice(0, most).map(([row]) => row);
  }
}
