// The simulator's telephone. It does what Twilio does: plays what the document says, waits for a key, follows its addresses.
const texts = JSON.parse(document.getElementById("texts").textContent);
const thread = document.getElementById("thread");
const keypad = document.getElementById("keypad");
const buttons = Object.fromEntries(["ring", "answer", "hang-up"].map((id) => [id, document.getElementById(id)]));
const RING_BACK_MS = 1500;

let address = "";
let document_ = null; // the addresses of the next step, null where there is no call
let typed = "";
let sound = null;
let timer = 0;
let turn = 0;

function note(text, mine = false) {
  thread.querySelector(".empty")?.remove();
  const item = document.createElement("li");
  item.className = mine ? "bubble mine" : "bubble";
  item.textContent = text;
  thread.append(item);
  thread.scrollTop = thread.scrollHeight;
}

function show(name) {
  for (const [id, button] of Object.entries(buttons)) button.hidden = id !== name;
  document.body.dataset.calling = String(name === "hang-up");
}

function quiet() {
  turn += 1;
  clearTimeout(timer);
  sound?.pause();
  sound = null;
}

async function ask(facts) {
  const response = await fetch("/simulator/call", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ address, ...facts }),
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.status === 204 ? null : response.json();
}

async function step(facts) {
  quiet();
  const now = turn;
  try {
    const answer = await ask(facts);
    if (answer && now === turn) follow(answer);
  } catch {
    note(texts.failed);
    end();
  }
}

function follow(answer) {
  const parsed = new DOMParser().parseFromString(answer.twiml, "text/xml");
  const gather = parsed.querySelector("Gather");
  for (const one of answer.said) {
    const options = one.choices.map((choice) => `${choice.key}  ${choice.label}`);
    note([one.text, ...options].join("\n"));
  }
  if (answer.state) document.getElementById("state").textContent = answer.state;
  document_ = gather && {
    action: gather.getAttribute("action"),
    silence: parsed.querySelector("Redirect").textContent,
    keys: Number(gather.getAttribute("numDigits")),
    wait: Number(gather.getAttribute("timeout")) * 1000,
  };
  typed = "";
  const clips = [...parsed.querySelectorAll("Play")].map((play) => new URL(play.textContent).pathname);
  play(clips, turn, () => (document_ ? wait() : end()));
}

function play(clips, now, done) {
  if (now !== turn) return;
  if (!clips.length) {
    done();
    return;
  }
  sound = new Audio(clips[0]);
  const next = () => play(clips.slice(1), now, done);
  sound.addEventListener("ended", next);
  sound.addEventListener("error", next);
  sound.play().catch(next);
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(() => step(typed ? { step: document_.action, keys: typed } : { step: document_.silence }), document_.wait);
}

function press(key) {
  if (!document_) return;
  note(`${texts.key_pressed} ${key}`, true);
  sound?.pause();
  if (document_.keys > 1 && key === "#") {
    step({ step: document_.action, keys: typed });
    return;
  }
  typed += key;
  if (typed.length >= document_.keys) step({ step: document_.action, keys: typed });
  else wait();
}

function end() {
  quiet();
  if (buttons["hang-up"].hidden) return;
  document_ = null;
  note(texts.call_over);
  show("ring");
  ask({ over: true }).catch(() => {});
}

buttons.ring.addEventListener("click", () => {
  note(texts.calling, true);
  show("");
  setTimeout(() => {
    show("answer");
    buttons.answer.focus();
  }, RING_BACK_MS);
});
buttons.answer.addEventListener("click", () => {
  address = document.body.dataset.number;
  show("hang-up");
  step({});
});
buttons["hang-up"].addEventListener("click", end);
keypad.addEventListener("click", (event) => {
  if (document.body.dataset.channel === "call" && event.target.dataset.key) press(event.target.dataset.key);
});
document.addEventListener("keydown", (event) => {
  if (document.body.dataset.calling === "true" && /^[0-9*#]$/.test(event.key)) press(event.key);
});
function arrange() {
  const calls = document.body.dataset.channel === "call";
  if (!calls) end();
  document.getElementById("telephone").hidden = !calls;
  document.getElementById("composer").hidden = calls;
  keypad.hidden = !calls;
}

show("ring");
arrange();
new MutationObserver(arrange).observe(document.body, { attributeFilter: ["data-channel"] });
