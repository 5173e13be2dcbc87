// The public check: a file goes out, the verdict comes back; nothing is kept here either.
const LARGEST = 16 * 1024 * 1024;
const TONES = { valid: "good", incomplete: "caution", altered: "stop", unreadable: "stop" };
const MARKS = { good: "✓", caution: "！", stop: "✗", notice: "ｉ" };
const verdict = document.getElementById("verdict");
const drop = document.getElementById("drop");
const file = document.getElementById("file");
const code = document.getElementById("code");

function line(tag, text, kind = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

function show(tone, headline, ...rest) {
  verdict.replaceChildren(line("p", `${MARKS[tone]} ${headline}`, `headline ${tone}`), ...rest);
  verdict.hidden = false;
}

function time(text) {
  if (!text) return "时间不明";
  const options = { timeZone: "Asia/Shanghai", dateStyle: "medium", timeStyle: "medium" };
  return `${new Intl.DateTimeFormat("zh-CN", options).format(new Date(text))}（北京时间）`;
}

function day(text) {
  return new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", dateStyle: "long" }).format(new Date(text));
}

function packageLine(paper) {
  const until = paper.package_until ? `，有效至 ${day(paper.package_until)}` : "";
  if (paper.renewals) {
    const rest = "文书自带的时间戳到期以后，以证据包和它的续期记录为准。";
    return line("p", `证据包的归档时间戳已续期 ${paper.renewals} 次${until}。${rest}`);
  }
  return line("p", until ? `这笔业务的证据包已封存，归档时间戳${until.slice(1)}，到期前会续期。` : "", "quiet");
}

function paperLines(paper) {
  return [
    line("p", `${paper.institution} · ${paper.title}`),
    line("p", `用印时间：${time(paper.sealed_at)}　共 ${paper.pages} 页`),
    line("p", `电子原件的 SHA-256：${paper.sha256}`, "quiet"),
    ...(paper.renewals || paper.package_until ? [packageLine(paper)] : []),
  ];
}

function revision(one) {
  const item = line("li", "");
  item.append(line("b", `${one.ok ? "✓" : "✗"} ${one.kind}　${one.who}`), document.createElement("br"));
  item.append(line("span", time(one.at), "quiet"), document.createElement("br"));
  item.append(line("span", `其后的变化：${one.since}${one.ok ? "" : `；${one.detail}`}`, "quiet"), document.createElement("br"));
  item.append(line("span", `证书 ${one.certificate}`, "quiet"));
  return item;
}

function report(found) {
  const list = document.createElement("ol");
  list.append(...found.revisions.map(revision));
  const more = [...found.faults, ...found.missing].filter((one) => !found.headline.includes(one));
  const words = more.map((one) => line("p", one));
  const record = found.record ? [line("p", "本系统留存有这份文书，内容一字不差。"), ...paperLines(found.record)] : [
    line("p", "本系统没有内容完全相同的文书的用印记录。", "quiet"),
  ];
  const stand = found.stand_ins.map((one) => line("p", one, "caution headline"));
  show(TONES[found.verdict] ?? "stop", found.headline, ...words, ...record, list, ...stand);
}

async function ask(url, options) {
  show("notice", "正在查验…");
  try {
    const answer = await fetch(url, { ...options, cache: "no-store", credentials: "omit" });
    const found = await answer.json();
    if (answer.ok) return found;
    show("stop", found.message ?? "没有查到", line("p", found.hint ?? "", "quiet"));
  } catch {
    show("stop", "没有连上服务，请检查网络后重试");
  }
  return null;
}

async function check(chosen) {
  if (!chosen) return;
  if (chosen.size > LARGEST) {
    show("stop", "文件超过 16 MB，无法在这里查验");
    return;
  }
  const options = { method: "POST", body: chosen, headers: { "Content-Type": "application/pdf" } };
  const found = await ask("/api/check/paper", options);
  if (found) report(found);
}

async function find(text) {
  const found = await ask(`/api/check/codes/${encodeURIComponent(text.trim().toUpperCase())}`, {});
  if (found) show("good", "查到用印记录，请与手中的纸质文书核对", ...found.papers.flatMap(paperLines));
}

file.addEventListener("change", () => check(file.files[0]));
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop") check(event.dataTransfer.files[0]);
  });
}
document.getElementById("by-code").addEventListener("submit", (event) => {
  event.preventDefault();
  find(code.value);
});
const given = new URLSearchParams(location.search).get("code");
if (given) {
  code.value = given;
  find(given);
}
