// How long each page was on the screen: evidence, so it counts only while the page can be seen.

/** `now` is any clock in milliseconds. */
export function createDwell(now) {
  const spent = new Map();
  let page = null;
  let since = 0;

  function settle() {
    if (page === null) return;
    const at = now();
    spent.set(page, (spent.get(page) || 0) + (at - since));
    since = at;
  }

  return {
    /** This page is on the screen from now on. */
    show(number) {
      settle();
      page = number;
      since = now();
    },
    /** Nothing is to be seen: another program, a locked screen, another part. */
    hide() {
      settle();
      page = null;
    },
    /** Takes out what has been counted, except the pages in `keep`: [{page, milliseconds}]. */
    take(keep) {
      settle();
      const report = [];
      spent.forEach((milliseconds, number) => {
        if (keep.indexOf(number) >= 0 || milliseconds < 1) return;
        report.push({ page: number, milliseconds: Math.round(milliseconds) });
        spent.delete(number);
      });
      return report;
    },
    /** Puts a report back that could not be delivered. */
    putBack(report) {
      report.forEach((each) => spent.set(each.page, (spent.get(each.page) || 0) + each.milliseconds));
    },
  };
}
