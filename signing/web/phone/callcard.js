// The agent's picture. It has its own place above the text, never over it: wide while people talk, small in the
// corner while something is read or written, and a tap puts it away or brings it back.
import { S } from './strings.js';
import { byId, el, empty } from './ui.js';
import { icon } from './icons.js';

const SIZES = { reading: 'small', signing: 'small', disclosure: 'medium', id_front: 'medium', id_back: 'medium' };

export function createCard() {
  const section = byId('call-card');
  const toggle = byId('call-toggle');
  const video = byId('remote');
  const sound = byId('call-sound');
  let away = false;
  let step = '';
  let agent = '';

  section.setAttribute('aria-label', S.call.label);
  toggle.addEventListener('click', turn);
  byId('call-picture').addEventListener('click', turn);
  sound.addEventListener('click', (event) => {
    event.stopPropagation();
    video.muted = false;
    sound.hidden = true;
    video.play().catch(() => {});
  });
  sound.textContent = S.call.sound;

  function turn() {
    away = !away;
    draw();
  }

  function draw() {
    section.dataset.size = away ? 'away' : SIZES[step] || 'wide';
    empty(toggle);
    toggle.append(icon(away ? 'camera' : 'hide', 18), el('span', { text: away ? S.call.show : S.call.hide }));
    toggle.setAttribute('aria-expanded', String(!away));
    byId('call-agent').textContent = agent;
  }

  return {
    video,
    place(now) {
      if (now !== step) away = false;
      step = now;
      draw();
    },
    show(name) {
      agent = S.call.talking(name);
      section.hidden = false;
      draw();
    },
    hide() {
      section.hidden = true;
    },
    state(text) {
      byId('call-state').textContent = text;
    },
    /** Starts the picture; where the browser wants a tap for sound, shows it silently and asks for the tap. */
    async play() {
      if (!video.srcObject) return;
      try {
        await video.play();
      } catch (error) {
        if (error.name !== 'NotAllowedError') return;
        video.muted = true;
        sound.hidden = false;
        video.play().catch(() => {});
      }
    },
    /** From within a tap: iOS lets an element play with sound later only if it was played in a tap once. */
    unlock() {
      if (!video.srcObject) video.srcObject = new MediaStream();
      video.play().catch(() => {});
    },
  };
}
