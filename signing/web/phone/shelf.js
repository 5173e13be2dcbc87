// Which pieces of its own side of a call this phone keeps, which of them the record lacks, and which go first where
// there is no more room. Decisions only: pieces are { id, since, until, size }, times are milliseconds.

/** Beside a time of trouble: it is noticed late, and the new picture comes after the line. */
const EDGE_MS = 4000;

/**
 * `limits`: `ms` and `bytes` of what is kept for nothing in particular; of what the line lost there may be twice as much.
 */
export function createShelf(limits) {
  let pieces = [];
  let troubles = [];

  const sum = (list) => list.reduce((bytes, piece) => bytes + piece.size, 0);
  const meets = (piece, span) => piece.since <= span.until + EDGE_MS && piece.until >= span.since - EDGE_MS;
  const isLost = (piece) => troubles.some((span) => meets(piece, span));

  function take(ids) {
    pieces = pieces.filter((piece) => ids.indexOf(piece.id) < 0);
    return ids;
  }

  /** Ids of the oldest of a list that must go for the rest to be within so many bytes. */
  function oldest(list, bytes) {
    const gone = [];
    let held = sum(list);
    list.forEach((piece) => {
      if (held <= bytes) return;
      held -= piece.size;
      gone.push(piece.id);
    });
    return gone;
  }

  return {
    /** → ids of those that have to go for it. */
    add(piece, now) {
      pieces.push(piece);
      const plain = pieces.filter((each) => !isLost(each));
      const old = plain.filter((each) => each.until < now - limits.ms).map((each) => each.id);
      const many = oldest(plain.filter((each) => old.indexOf(each.id) < 0), limits.bytes);
      const lost = oldest(pieces.filter(isLost), 2 * limits.bytes);
      return take([...old, ...many, ...lost]);
    },

    /** Begins or ends a time in which the seat may not have seen or heard this phone. */
    trouble(on, now) {
      const last = troubles[troubles.length - 1];
      const open = last && last.until === Infinity;
      if (on && !open) troubles.push({ since: now, until: Infinity });
      if (!on && open) last.until = now;
    },

    inTrouble: () => troubles.some((span) => span.until === Infinity),

    /** Whether anything is kept that may be wanted. */
    hasLost: () => pieces.some(isLost),

    /** What the service says it lacks, oldest first: ids. */
    wanted: (spans) => pieces.filter((piece) => spans.some((span) => piece.since <= span.until && piece.until >= span.since))
      .sort((one, other) => one.since - other.since).map((piece) => piece.id),

    /** Times of trouble that the service had long enough to tell of and does not lack are forgotten. */
    forget(before) {
      troubles = troubles.filter((span) => span.until >= before);
    },

    find: (id) => pieces.find((piece) => piece.id === id),
    remove: (id) => take([id]),
    clear() {
      pieces = [];
      troubles = [];
    },
    count: () => pieces.length,
    bytes: () => sum(pieces),
  };
}
