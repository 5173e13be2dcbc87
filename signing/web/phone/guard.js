// Runs in every browser, however old (ECMAScript 3 and no module): where the page itself cannot begin, it says which
// browser can and hands over the link. The words stand in index.html.
(function () {
  var WAIT_MS = 20000;
  function begun() {
    return document.getElementById('main').getAttribute('data-step') !== 'loading';
  }
  function tell() {
    var link = document.getElementById('guard-link');
    if (begun()) return;
    document.getElementById('guard').removeAttribute('hidden');
    document.getElementById('guard').style.display = 'block';
    link.value = window.location.href;
    document.getElementById('guard-copy').onclick = function () {
      link.focus();
      link.select();
      link.setSelectionRange(0, link.value.length);
      var done = false;
      try { done = document.execCommand('copy'); } catch (error) { done = false; }
      document.getElementById(done ? 'guard-copied' : 'guard-held').style.display = 'block';
    };
    document.getElementById('guard-again').onclick = function () { window.location.reload(); };
  }
  var script = document.createElement('script');
  if ('noModule' in script) window.setTimeout(tell, WAIT_MS);
  else tell();
})();
