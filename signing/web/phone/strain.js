// What this phone has the strength to keep of its own side beside the call, by how it does every two seconds: picture
// and sound; the sound alone, which costs next to nothing; or stills alone. The call comes first. Decisions only.

const LEVELS = ['stills', 'sound', 'whole'];
const [STILLS, SOUND, WHOLE] = [0, 1, 2];
/** Share of all time that the call's own encoder may take: more, and pictures wait for one another. */
const CODING = 0.7;
/** A reading so late says that nothing on this phone is in time. */
const LATE_MS = 1000;
/** So many bad readings in a row are no accident. */
const BAD = 3;
/** Good ones in a row before there is more: few as the call begins, many once it was too much, and each time twice. */
const GOOD = 2;
const AGAIN = 30;
/** So many readings on the same level before the record hears of it. */
const STEADY = 5;
/** So many pieces in a row that could not be laid down; a browser loses its database for a moment now and then. */
const REFUSED = 3;
/** What a browser calls it where nothing more goes in. */
export const FULL = 'QuotaExceededError';

/** `records`: whether this browser can record at all. */
export function createStrain(records) {
  const best = records ? WHOLE : STILLS;
  let level = records ? SOUND : STILLS;
  let patience = GOOD;
  let bad = 0;
  let good = 0;
  let steady = 0;
  let late = false;
  let room = true;
  let refused = 0;
  let said = null;
  let before = said;

  const keeps = () => (room ? LEVELS[level] : 'nothing');
  const isBad = ({ limit, coding, lateMs }) => limit === 'cpu' || coding >= CODING || lateMs >= LATE_MS;

  function fall() {
    level = Math.max(STILLS, level - 1);
    patience = patience === GOOD ? AGAIN : 2 * patience;
    bad = 0;
    steady = 0;
  }

  function climb() {
    level += 1;
    good = 0;
    steady = 0;
  }

  return {
    keeps,

    /** `figures`: limit, as W3C webrtc-stats has it; coding, a share; lateMs. What is not known does not count. → keeps() */
    look(figures) {
      const trouble = isBad(figures);
      bad = trouble ? bad + 1 : 0;
      good = trouble || late ? 0 : good + 1;
      steady += 1;
      if (late || (bad >= BAD && level > SOUND)) fall();
      else if (level < best && good >= patience) climb();
      late = false;
      return keeps();
    },

    /** A piece was long in the making, which was begun as `kept`, or could not be begun. Stills are no trouble. */
    late(kept) {
      if (room && kept === keeps() && level > STILLS) late = true;
    },

    /** Of another call nothing has been said yet. */
    anew() {
      said = null;
      before = null;
      steady = 0;
    },

    /** Whether there is a place for what is kept; that there is none is said at once. */
    place(is) {
      if (room && !is) steady = STEADY;
      room = is;
      refused = 0;
    },

    /** A piece could not be laid down, by the error's name. → whether there is no room left */
    refused(name) {
      refused += 1;
      if (name === FULL || refused >= REFUSED) this.place(false);
      return !room;
    },

    /** A piece lies there. */
    laid() {
      refused = 0;
    },

    /**
     * What is to be said, once, or null. Whatever lasts first is said too: a page before this one may have said something
     * else of the same call, and the service knows what is new.
     */
    news() {
      if (steady < STEADY || keeps() === said) return null;
      before = said;
      said = keeps();
      return said;
    },

    /** It was not heard. */
    unsaid() {
      said = before;
    },
  };
}
