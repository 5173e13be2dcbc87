// Keeps the screen lit while somebody waits or talks, where the browser can; a page that comes back asks again.

/** → what says whether it is wanted. */
export function createAwake() {
  let wanted = false;
  let lock = null;

  async function ask() {
    if (!wanted || lock || !navigator.wakeLock || document.visibilityState !== 'visible') return;
    try {
      const mine = await navigator.wakeLock.request('screen');
      lock = mine;
      mine.addEventListener('release', () => { if (lock === mine) lock = null; });
      if (!wanted) drop();
    } catch (error) {
      // a low battery: the screen goes dark as it always does
    }
  }

  function drop() {
    if (lock) lock.release().catch(() => {});
    lock = null;
  }

  document.addEventListener('visibilitychange', ask);
  return (on) => {
    wanted = Boolean(on);
    if (wanted) ask();
    else drop();
  };
}
