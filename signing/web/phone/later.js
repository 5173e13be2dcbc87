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
