// What this phone's sound may cost: where the way out is thin, twice the voice leaves no room for the picture.
// Decisions only.

/** Bits a second of the way out from which on each packet of sound carries the one before it, and with losses. */
const TWICE = 260000, TWICE_LOSSY = 110000, TWICE_HEAVY = 48000;
const LOSSY = 0.03, HEAVY = 0.12;
/** Where so much is there the voice has all that the browser gives it, below it so many bits a second. */
const WIDE = 450000, FAIR = 170000;
const FAIR_BITS = 24000, THIN_BITS = 16000;
/** Looks in a row that must say more before there is more; less is at once. */
const PATIENCE = 4;

/** How careful to be, and when to be less so; `look` takes bits a second of the way out and the share of sound lost. */
export function createCare() {
  let wanted = 0;
  let now = { twice: true, bits: 0, long: false };

  function fitting(available, lost) {
    const twice = available >= TWICE || (lost >= LOSSY && available >= TWICE_LOSSY) || (lost >= HEAVY && available >= TWICE_HEAVY);
    if (available >= WIDE) return { twice, bits: 0, long: false };
    return { twice, bits: available >= FAIR ? FAIR_BITS : THIN_BITS, long: available < FAIR };
  }

  const cost = (care) => (care.bits || 2 * FAIR_BITS) * (care.twice ? 2 : 1);

  return {
    look(available, lost) {
      if (!(available > 0)) return now;
      const next = fitting(available, lost || 0);
      wanted = cost(next) > cost(now) ? wanted + 1 : 0;
      if (cost(next) < cost(now) || wanted >= PATIENCE) {
        now = next;
        wanted = 0;
      }
      return now;
    },
  };
}

/**
 * A description in which redundant sound stands before plain Opus, or behind it; the same where it has not both. Opus
 * carries copies of its own only where no packet does: preparing for them changes how it codes, audibly.
 */
export function ordered(sdp, twice) {
  const number = (name) => (new RegExp(`^a=rtpmap:(\\d+) ${name}/48000/2`, 'im').exec(sdp) || [])[1];
  const [red, opus] = [number('red'), number('opus')];
  if (!red || !opus) return sdp;
  const listed = sdp.replace(/^(m=audio \d+ \S+) (.*?)(\r?)$/m, (line, head, numbers, end) => {
    const others = numbers.split(' ').filter((each) => each !== red && each !== opus);
    return `${[head, ...(twice ? [red, opus] : [opus, red]), ...others].join(' ')}${end}`;
  });
  return listed.replace(new RegExp(`^(a=fmtp:${opus} .*useinbandfec=)[01]`, 'm'), `$1${twice ? 0 : 1}`);
}
