// Things to be done later, by name: a new one of the same name takes the place of the old.

/** `later(name, ms, run)`, `forget(name)`, `isDue(name)`, `forgetAll()`. */
export function createLater() {
  const timers = {};

  function forget(name) {
    clearTimeout(timers[name]);
    timers[name] = 0;
  }

  return {
    forget,
    later(name, ms, run) {
      forget(name);
      timers[name] = setTimeout(() => {
        timers[name] = 0;
        run();
      }, ms);
    },
    isDue: (name) => Boolean(timers[name]),
    forgetAll: () => Object.keys(timers).forEach(forget),
  };
}

/** What is promised, or a failure once it has taken so long. */
export function within(promise, ms) {
  let timer = 0;
  const late = new Promise((done, failed) => { timer = setTimeout(() => failed(new Error('it does not end')), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
