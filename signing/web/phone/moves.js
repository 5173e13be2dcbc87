// What the browser tells of the phone's network, at once: that it is away, and that it is another.

/** `on.gone()` and `on.moved()`; Wi-Fi and 4G are told apart where the browser does. */
export function onMove(on) {
  const network = navigator.connection;
  let kind = network && network.type;
  window.addEventListener('offline', on.gone);
  window.addEventListener('online', on.moved);
  if (!network || !network.addEventListener) return;
  network.addEventListener('change', () => {
    const before = kind;
    kind = network.type;
    if (kind !== before && kind !== 'none') on.moved();
  });
}
