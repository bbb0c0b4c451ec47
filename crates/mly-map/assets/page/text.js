// Words and elements.

/** Makes an element. Texts become text nodes, so that nothing in the data is taken for HTML. */
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(element.style, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

const drawing = (tag, attributes = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

const find = (id) => document.getElementById(id);
const named = (name) => document.querySelector(`[name="${name}"]`);

const numberFormat = new Intl.NumberFormat("en-US");
const count = (number) => numberFormat.format(number);

const DAY = 86_400_000;
const isMoment = (ms) => Math.abs(ms) <= 8.64e15;

/** A moment as people read it, in UTC. */
const momentText = (ms) => (isMoment(ms) ? new Date(ms).toISOString().replace("T", " ").replace("Z", " UTC") : String(ms));
const dayText = (ms) => (isMoment(ms) ? new Date(ms).toISOString().slice(0, 10) : String(ms));

/** The first moment of a day such as 2021-03-04, or `null`. */
const dayOf = (text) => {
  if (!/^\d{4,6}-\d{2}-\d{2}$/.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) ? null : ms;
};

/** A value such as `regulatory--maximum-speed-limit-30--g1` in words. */
const valueText = (value) => {
  const parts = value.split("--").filter((part) => !/^g\d+$/.test(part));
  const words = (parts.length > 1 ? parts.slice(1) : parts).join(", ").replaceAll(/[-_]/g, " ").trim();
  return words ? words[0].toUpperCase() + words.slice(1) : value;
};

const categoryOf = (value) => (value === null ? "" : value.split("--")[0]);
const columnText = (name) => name.replaceAll("_", " ");

let noteTimer = 0;
/** Tells something for a moment, to screen readers too. */
const note = (text) => {
  const element = find("note");
  element.textContent = text;
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => (element.textContent = ""), 4000);
};

const copy = async (text, what) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages opened from files may not use the clipboard in some browsers.
    const area = make("textarea", { class: "unseen" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  note(`${what} copied`);
};
