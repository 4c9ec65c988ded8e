// The phone of the simulator page. Everything it shows comes from /simulator/messages; it decides nothing itself.
import { discard, setUp } from "./voice.js";

const texts = JSON.parse(document.getElementById("texts").textContent);
const thread = document.getElementById("thread");
const input = document.getElementById("text");
const country = document.getElementById("country");
const PLAY = "M8 5v14l11-7z";
const PAUSE = "M7 5h4v14H7zM13 5h4v14h-4z";
const MICROPHONE = "M12 4a2.5 2.5 0 0 0-2.5 2.5v5a2.5 2.5 0 0 0 5 0v-5A2.5 2.5 0 0 0 12 4ZM5.5 11.5h2a4.5 4.5 0 0 0 9 0h2a6.5 6.5 0 0 1-5.5 6.4V21h-2v-3.1a6.5 6.5 0 0 1-5.5-6.4Z";
const LOOK_EVERY_MS = 5000;
const LISTEN_EVERY_MS = 600;
const LISTEN_FOR_MS = 60000;

const storage = sessionStorage;
let channel = storage.getItem("channel") ?? "whatsapp";
let busy = Promise.resolve();
let playing = null;
let listening = null; // the sign that a voice note is being listened to

country.value = storage.getItem("country") ?? "CO";

function number() {
  const key = `number-${country.value}`;
  let value = storage.getItem(key);
  if (!value) {
    const digits = String(Math.floor(1e7 + Math.random() * 9e7));
    value = country.value === "PE" ? `+519${digits}` : `+5730${digits}`;
    storage.setItem(key, value);
  }
  return value;
}

const address = () => (channel === "telegram" ? number().slice(1) : number());

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(svg.namespaceURI, "path");
  shape.setAttribute("d", path);
  shape.setAttribute("fill", "currentColor");
  svg.append(shape);
  return svg;
}

function add(node) {
  thread.querySelector(".empty")?.remove();
  thread.append(node);
  thread.scrollTop = thread.scrollHeight;
}

// A still picture of a voice: bars whose heights come from the address, so that each note looks like itself.
function wave(seed) {
  const bars = [];
  let value = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  for (let x = 0; x < 40; x += 1) {
    value = (value * 1103515245 + 12345) >>> 0;
    const height = 4 + ((value >>> 16) % 17);
    bars.push(`M${x * 5 + 2} ${15 - height / 2}v${height}`);
  }
  const svg = icon("");
  svg.setAttribute("viewBox", "0 0 200 30");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.firstChild.setAttribute("d", bars.join(""));
  svg.firstChild.setAttribute("stroke", "currentColor");
  svg.firstChild.setAttribute("stroke-width", "2.4");
  return svg;
}

function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function voiceNote(voice) {
  const item = element("li", voice.mine ? "bubble mine note-voice" : "bubble note-voice");
  const button = element("button");
  const audio = new Audio(voice.url);
  audio.preload = voice.mine ? "metadata" : "none";
  const label = element("time", "", voice.duration_s ? clock(voice.duration_s) : "");
  const picture = element("div", "wave");
  const done = wave(voice.url);
  const base = wave(voice.url);
  done.classList.add("done");
  base.classList.add("base");
  picture.append(base, done);
  const show = () => {
    const running = !audio.paused && !audio.ended;
    button.replaceChildren(icon(running ? PAUSE : PLAY));
    button.setAttribute("aria-label", running ? texts.pause : `${texts.play}, ${Math.round(voice.duration_s ?? 0)} ${texts.seconds}`);
    item.dataset.playing = running;
  };
  button.type = "button";
  button.addEventListener("click", () => {
    if (!audio.paused) return audio.pause();
    if (playing && playing !== audio) playing.pause();
    playing = audio;
    return audio.play().catch(() => failed());
  });
  if (voice.mine) {
    audio.addEventListener("loadedmetadata", () => {
      // A browser does not know how long what it has just recorded is.
      if (Number.isFinite(audio.duration)) voice.duration_s = audio.duration;
      label.textContent = clock(voice.duration_s ?? 0);
      show();
    });
    audio.addEventListener("error", () => {
      const sign = icon(MICROPHONE);
      sign.classList.add("sign");
      button.replaceWith(sign, element("span", "hidden", texts.voice_sent));
    });
  }
  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, show);
  audio.addEventListener("timeupdate", () => {
    const part = Math.min(1, audio.currentTime / voice.duration_s);
    done.style.clipPath = `inset(0 ${100 - part * 100}% 0 0)`;
    label.textContent = clock(part < 1 ? voice.duration_s - audio.currentTime : voice.duration_s);
  });
  show();
  item.append(button, picture, label);
  return item;
}

function choices(list) {
  const item = element("li", "choices");
  for (const choice of list) {
    const button = element("button", "", choice.label);
    button.type = "button";
    button.dataset.choice = choice.id;
    button.addEventListener("click", () => say("button", choice.id, choice.label));
    item.append(button);
  }
  return item;
}

function drawing(url) {
  const picture = new Image(256, 256);
  picture.className = "drawing";
  picture.alt = texts.picture;
  picture.src = url;
  return picture;
}

function reply(message) {
  const basic = channel === "sms";
  const bubble = element("li", "bubble", basic ? message.body : message.text);
  if (basic && message.segments) {
    const count = message.segments === 1 ? texts.segments_one : texts.segments_many.replace("{n}", message.segments);
    bubble.append(element("small", "segments", `${count} · ${message.encoding}`));
  }
  if (message.picture) bubble.prepend(drawing(message.picture));
  add(bubble);
  if (basic) return;
  if (message.voice) add(voiceNote(message.voice));
  if (message.choices.length) add(choices(message.choices));
}

function inside(answer) {
  if (answer.state) document.getElementById("state").textContent = answer.state;
  const understood = answer.understood;
  const words = understood
    ? [understood.intent, `${Math.round(understood.confidence * 100)} %`, understood.danger, understood.unsafe].filter(Boolean).join(" · ")
    : answer.unread ?? texts.no_engine;
  document.getElementById("intent").textContent = words;
  document.getElementById("calls").textContent = answer.replies.flatMap((r) => r.calls).join(", ") || texts.none;
}

function failed(why = texts.failed) {
  add(element("li", "bubble error", why));
}

function typing() {
  const waiting = element("li", "typing");
  waiting.append(element("i"), element("i"), element("i"));
  add(waiting);
  return waiting;
}

async function post(address_, type, body) {
  const waiting = typing();
  try {
    const response = await fetch(address_, { method: "POST", headers: { "content-type": type }, body });
    if (!response.ok) throw new Error(String(response.status));
    const answer = await response.json();
    if (answer.replies.length) heardAll();
    answer.replies.forEach(reply);
    if (answer.listening) listen();
    else inside(answer);
  } catch (error) {
    failed({ 413: texts.sound_too_large, 415: texts.no_sound }[error.message]);
  } finally {
    waiting.remove();
  }
}

// A voice note is answered once it was listened to: until then the page looks often.
function listen() {
  heardAll();
  const sign = typing();
  sign.append(element("span", "hidden", texts.listening));
  listening = sign;
  const until = Date.now() + LISTEN_FOR_MS;
  const again = () => {
    if (listening !== sign) return;
    if (Date.now() > until) heardAll();
    else busy = busy.then(look).then(() => setTimeout(again, LISTEN_EVERY_MS));
  };
  setTimeout(again, LISTEN_EVERY_MS);
}

function heardAll() {
  listening?.remove();
  listening = null;
}

function say(kind, value, shown) {
  add(element("li", "bubble mine", shown));
  const message = JSON.stringify({ channel, address: address(), kind, value });
  busy = busy.then(() => post("/simulator/messages", "application/json", message));
}

function speak(blob, type, seconds) {
  add(voiceNote({ url: URL.createObjectURL(blob), duration_s: seconds, mine: true }));
  const query = new URLSearchParams({ channel, address: address() });
  busy = busy.then(() => post(`/simulator/voice?${query}`, type, blob));
}

function choose(name) {
  discard();
  heardAll();
  channel = name;
  storage.setItem("channel", name);
  document.body.dataset.channel = name;
  document.body.dataset.number = number();
  document.getElementById("status").textContent = texts[`status_${name}`];
  for (const tab of document.querySelectorAll(".channels button")) {
    const chosen = tab.dataset.channel === name;
    tab.setAttribute("aria-checked", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
}

document.querySelector(".channels").addEventListener("click", (event) => {
  if (event.target.dataset.channel) choose(event.target.dataset.channel);
});
document.querySelector(".channels").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...document.querySelectorAll(".channels button")];
  const next = tabs[(tabs.findIndex((tab) => tab.dataset.channel === channel) + step + tabs.length) % tabs.length];
  choose(next.dataset.channel);
  next.focus();
});
document.getElementById("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value;
  if (!text.trim()) return;
  input.value = "";
  say("text", text, text);
});
setUp(texts, speak, failed);
document.getElementById("keys").addEventListener("click", (event) => {
  const keypad = document.getElementById("keypad");
  keypad.hidden = !keypad.hidden;
  event.currentTarget.setAttribute("aria-expanded", String(!keypad.hidden));
  thread.scrollTop = thread.scrollHeight;
});
document.getElementById("keypad").addEventListener("click", (event) => {
  if (channel !== "call" && event.target.dataset.key) say("key", event.target.dataset.key, event.target.dataset.key);
});
document.querySelector(".tries").addEventListener("click", (event) => {
  if (event.target.dataset.try) say("text", event.target.dataset.try, event.target.dataset.try);
});
country.addEventListener("change", () => {
  storage.setItem("country", country.value);
  document.body.dataset.number = number();
  discard();
  heardAll();
  thread.replaceChildren();
});
document.getElementById("fresh").addEventListener("click", () => {
  storage.removeItem(`number-${country.value}`);
  document.body.dataset.number = number();
  discard();
  heardAll();
  thread.replaceChildren();
  input.focus();
});

async function look() {
  if (channel === "call") return; // what is said there is not sent
  try {
    const query = new URLSearchParams({ channel, address: address() });
    const response = await fetch(`/simulator/inbox?${query}`);
    if (!response.ok) return;
    const found = await response.json();
    if (!found.replies.length) return;
    if (listening) inside({ ...found, unread: texts.heard });
    heardAll();
    found.replies.forEach(reply);
  } catch {
    // The server is away for a moment; the next look, or the next message, will tell.
  }
}
setInterval(() => {
  busy = busy.then(look);
}, LOOK_EVERY_MS);

choose(channel);
