// What the element shows. It knows no engine: it is told what to show and tells which button was pressed.

import { styleSheet } from './style.js';

export class View {
  #root;
  #words;
  #canvas = make('canvas', { part: 'picture', role: 'img', hidden: true });
  #frame;
  #slot = make('slot');
  #bar = make('progress', { part: 'progress', max: '1', hidden: true });
  #status = make('p', { part: 'status', class: 'status', 'aria-hidden': 'true', hidden: true });
  /** What a screen reader says: phases, not every step. */
  #said = make('p', { class: 'unseen', role: 'status' });
  #error = make('p', { part: 'error', class: 'error', role: 'alert', hidden: true });
  #label = make('label', { part: 'label', for: 'prompt' });
  #prompt = make('textarea', { part: 'prompt', id: 'prompt', rows: '2' });
  #generate = make('button', { part: 'button generate', type: 'button', class: 'first' });
  #cancel = make('button', { part: 'button cancel', type: 'button', hidden: true });
  #save = make('button', { part: 'button save', type: 'button', hidden: true });
  #controls;
  /** What is shown, to be said again in another language: the picture's prompt, what is under way, the last line, the error. */
  #pictured = '';
  #event = null;
  #line = null;
  #wrong = null;

  /** `on`: { prompt(text), generate(), cancel(), save() } */
  constructor(root, on) {
    this.#root = root;
    root.adoptedStyleSheets = [styleSheet()];
    this.#frame = make('div', { part: 'frame', class: 'frame' }, this.#canvas, this.#slot);
    const buttons = make('div', { part: 'buttons', class: 'buttons' }, this.#generate, this.#cancel, this.#save);
    this.#controls = make('div', { part: 'controls', class: 'controls', hidden: true }, this.#label, this.#prompt, buttons);
    root.append(this.#frame, this.#bar, this.#status, this.#said, this.#error, this.#controls);

    this.#prompt.addEventListener('input', () => on.prompt(this.#prompt.value));
    this.#generate.addEventListener('click', () => on.generate());
    this.#cancel.addEventListener('click', () => on.cancel());
    this.#save.addEventListener('click', () => on.save());
    root.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.repeat) on.generate();
      else if (event.key === 'Escape' && !this.#cancel.hidden) on.cancel();
      else return;
      event.preventDefault();
    });
  }

  /** From now on in these words, with what is shown already. */
  speak(words) {
    this.#words = words;
    this.#label.textContent = words.prompt;
    this.#generate.textContent = words.generate;
    this.#cancel.textContent = words.cancel;
    this.#save.textContent = words.save;
    this.#bar.setAttribute('aria-label', words.progress);
    this.#name(this.#pictured);
    if (this.#event) this.#tell(this.#event);
    else this.say(this.#line);
    this.error(this.#wrong);
  }

  withControls(shown) {
    this.#controls.hidden = !shown;
    this.#status.hidden = !shown;
  }

  prompt(text) {
    if (this.#prompt.value !== text) this.#prompt.value = text;
  }

  /** What is under way, in an event of `onProgress`; or `null`, when nothing is. */
  progress(event) {
    const isBusy = event !== null;
    // The focus stays with the buttons when the one that has it goes.
    const hadFocus = this.#root.activeElement;
    this.#frame.classList.toggle('busy', isBusy);
    this.#bar.hidden = !isBusy;
    this.#generate.hidden = isBusy;
    this.#cancel.hidden = !isBusy;
    if (hadFocus === this.#generate && isBusy) this.#cancel.focus();
    if (hadFocus === this.#cancel && !isBusy) this.#generate.focus();
    this.#event = event;
    if (!isBusy) return;
    this.#tell(event);
    if (!event.preview) return;
    this.#draw(event.preview);
    this.#name(''); // It is not yet what was asked for, and no longer the last picture.
  }

  /** One of the words, for eyes and screen readers; or `null` for none. */
  say(line) {
    this.#line = line;
    this.#write(line === null ? '' : this.#words[line]);
  }

  picture(imageData, prompt) {
    this.#draw(imageData);
    this.#name(prompt);
    this.#save.hidden = false;
  }

  /** No picture: what stands inside the element is seen instead. */
  noPicture() {
    this.#canvas.hidden = true;
    this.#slot.hidden = false;
    this.#save.hidden = true;
  }

  error(error) {
    this.#wrong = error;
    this.#error.hidden = error === null;
    put(this.#error, error ? this.#words.wrong(error) : '');
  }

  #name(prompt) {
    this.#pictured = prompt;
    this.#canvas.setAttribute('aria-label', this.#words.picture(prompt));
  }

  #tell(event) {
    const { part, text, said } = this.#described(event);
    if (part === null) this.#bar.removeAttribute('value');
    else this.#bar.value = part;
    const { secondsLeft } = event;
    const left = secondsLeft == null ? '' : ` · ${this.#words.left(Math.ceil(secondsLeft))}`;
    this.#write(text + left, said);
  }

  /** For eyes; and for screen readers, where that is not the same. */
  #write(seen, said = seen) {
    put(this.#said, said);
    put(this.#status, seen);
  }

  #described({ phase, ahead, received, done, total }) {
    const words = this.#words;
    switch (phase) {
      case 'wait': {
        // Mostly there is no other picture to wait for.
        const text = ahead > 0 ? words.waiting : words.loading;
        return { part: null, text, said: text };
      }
      case 'download':
        return { part: received / total, text: words.downloading(Math.floor((100 * received) / total)), said: words.loading };
      case 'encode':
        return { part: null, text: words.encoding, said: words.generating };
      case 'step':
        return { part: done / total, text: words.step(done, total), said: words.generating };
      case 'decode':
        return { part: total ? done / total : null, text: words.decoding, said: words.decoding };
      default:
        return { part: null, text: words.loading, said: words.loading };
    }
  }

  #draw(imageData) {
    this.#canvas.width = imageData.width;
    this.#canvas.height = imageData.height;
    this.#canvas.getContext('2d').putImageData(imageData, 0, 0);
    this.#canvas.hidden = false;
    this.#slot.hidden = true;
  }
}

/** A screen reader says a text again that is put there again. */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value === true ? '' : value);
  element.append(...children);
  return element;
}
