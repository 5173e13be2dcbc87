// How soon the next piece may go to the service, which takes so many in a minute and tells a page that is faster to wait.

/** At most `limit` uses in any `ms`; `now` in milliseconds. */
export function createPace(limit, ms) {
  let uses = [];
  return {
    /** → milliseconds to be waited before the next. */
    rest(now) {
      uses = uses.filter((at) => at > now - ms);
      return uses.length < limit ? 0 : uses[uses.length - limit] + ms - now;
    },
    use(now) {
      uses.push(now);
    },
  };
}
