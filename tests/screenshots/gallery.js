// Looking through the pictures: one whole at a time, one theme only, and by words of the title.
const links = () => [...document.querySelectorAll("figure a")].filter((link) => link.offsetParent !== null);
const dialog = document.querySelector("dialog");
const picture = dialog.querySelector("img");
const words = dialog.querySelector("figcaption");
const search = document.querySelector("input");
const buttons = [...document.querySelectorAll(".tools button")];
let open = null;

function show(link) {
  open = link;
  picture.src = link.href;
  picture.alt = words.textContent = link.dataset.title;
  if (!dialog.open) dialog.showModal();
}

function turn(by) {
  const all = links();
  const next = all[all.indexOf(open) + by];
  if (next) show(next);
}

function sift() {
  const theme = buttons.find((button) => button.getAttribute("aria-pressed") === "true").dataset.show;
  const text = search.value.trim();
  document.querySelectorAll("figure[data-theme]").forEach((figure) => { figure.hidden = Boolean(theme) && figure.dataset.theme !== theme; });
  document.querySelectorAll("article").forEach((scene) => {
    scene.hidden = (text && !scene.querySelector("h4").textContent.includes(text)) || !scene.querySelector("figure:not([hidden])");
  });
  document.querySelectorAll(".chapter, .room").forEach((part) => { part.hidden = !part.querySelector("article:not([hidden])"); });
}

document.querySelector("main").addEventListener("click", (event) => {
  const link = event.target.closest("figure a");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  show(link);
});
dialog.addEventListener("click", (event) => event.target !== picture && dialog.close());
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowRight") turn(1);
  if (event.key === "ArrowLeft") turn(-1);
});
dialog.addEventListener("close", () => open && open.scrollIntoView({ block: "nearest" }));
search.addEventListener("input", sift);
buttons.forEach((button) => button.addEventListener("click", () => {
  buttons.forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
  sift();
}));
