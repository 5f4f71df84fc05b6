// The element's own style. An adopted style sheet is allowed by the strictest Content-Security-Policy.

const CSS = `
:host {
  --accent: var(--hearth-accent, light-dark(#b3431a, #f08a4f));
  --on-accent: var(--hearth-on-accent, light-dark(#fffaf5, #26120a));
  --surface: var(--hearth-surface, light-dark(#f2ebe1, #211a16));
  --text: var(--hearth-text, light-dark(#2a211b, #f2e9e0));
  --soft: var(--hearth-soft-text, light-dark(#625347, #b7a597));
  --edge: var(--hearth-edge, light-dark(#8f7e6f, #86735f));
  --wrong: var(--hearth-error, light-dark(#a3231a, #ff9d8c));
  --radius: var(--hearth-radius, 0.75rem);
  display: block;
  max-width: var(--hearth-max-width, 32rem);
  color: var(--text);
  font: inherit;
}
:host([hidden]) { display: none; }
[hidden] { display: none !important; }
*, *::before, *::after { box-sizing: border-box; }
.frame { border-radius: var(--radius); overflow: hidden; background: var(--surface); }
canvas { display: block; width: 100%; height: auto; }
progress { display: block; width: 100%; height: 0.375rem; margin-top: 0.5rem; accent-color: var(--accent); }
p { margin: 0.5rem 0 0; font-size: 0.9em; }
.status { min-height: 1.5em; color: var(--soft); font-variant-numeric: tabular-nums; }
.error { color: var(--wrong); }
.controls { display: grid; gap: 0.5rem; margin-top: 0.75rem; }
label { font-weight: 600; }
textarea {
  width: 100%; padding: 0.5rem 0.75rem; font: inherit; color: inherit; background: var(--surface);
  border: 1px solid var(--edge); border-radius: var(--radius); resize: vertical;
}
.buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; }
button {
  padding: 0.5rem 1rem; min-height: 2.75rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--accent); background: transparent; border: 1px solid var(--edge); border-radius: var(--radius);
}
button.first { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.busy canvas { animation: glow 2.4s ease-in-out infinite; }
@keyframes glow { 50% { opacity: 0.85; } }
@media (prefers-reduced-motion: reduce) { .busy canvas { animation: none; } }
`;

let sheet = null;

/** One sheet for all elements. */
export function styleSheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
