// Sending a voice note: recorded with the microphone or, where there is none, chosen from the files.
const LONGEST_S = 60;
const MOST_BYTES = 16e6;
const TICK_MS = 100;
const BARS = 40;
// What browsers record, the simplest container first; none of them stays on a disk.
const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

const [composer, recorder, file, attach, microphone, discardButton, sendButton, time, level, status] = [
  "composer", "recorder", "sound", "attach", "voice", "discard", "send-voice", "recorded", "level", "status-voice",
].map((id) => document.getElementById(id));
const canRecord = Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

let current = null;
let asking = false;

class Recording {
  constructor(stream) {
    this.stream = stream;
    this.parts = [];
    this.began = performance.now();
    this.media = new MediaRecorder(stream, { mimeType: TYPES.find((type) => MediaRecorder.isTypeSupported(type)) });
    this.media.addEventListener("dataavailable", (event) => this.parts.push(event.data));
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
    this.levels = Array(BARS).fill(0);
    this.media.start();
  }

  get seconds() {
    return (performance.now() - this.began) / 1000;
  }

  draw() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const loudness = Math.sqrt(this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length);
    this.levels = [...this.levels.slice(1), loudness];
    const bars = this.levels.map((value, x) => {
      const height = Math.min(26, 2 + value * 120);
      return `M${x * 5 + 2.5} ${15 - height / 2}v${height}`;
    });
    level.setAttribute("d", bars.join(""));
    time.textContent = `0:${String(Math.floor(this.seconds)).padStart(2, "0")}`;
  }

  stop() {
    const seconds = this.seconds;
    return new Promise((resolve) => {
      this.media.addEventListener("stop", () => {
        for (const track of this.stream.getTracks()) track.stop();
        this.context.close();
        resolve({ blob: new Blob(this.parts, { type: this.media.mimeType }), seconds });
      });
      this.media.stop();
    });
  }
}

function show(recording) {
  recorder.hidden = !recording;
  composer.hidden = recording;
}

async function end() {
  const recording = current;
  current = null;
  clearInterval(recording.timer);
  show(false);
  return recording.stop();
}

// Drops what is being recorded, if anything is.
export function discard() {
  if (current) end();
}

function declared(blob) {
  return blob.type.replace(/^video\//, "audio/") || "application/octet-stream";
}

// `send` takes a blob, its type and its length in seconds (null where it is not known); `complain` a sentence.
export function setUp(texts, send, complain) {
  const finish = async () => {
    const { blob, seconds } = await end();
    status.textContent = "";
    microphone.focus();
    send(blob, declared(blob), seconds);
  };
  const begin = async () => {
    if (current || asking) return;
    asking = true;
    try {
      current = new Recording(await navigator.mediaDevices.getUserMedia({ audio: true }));
    } catch {
      complain(texts.no_microphone);
      attach.focus();
      return;
    } finally {
      asking = false;
    }
    show(true);
    status.textContent = texts.recording;
    sendButton.focus();
    current.timer = setInterval(() => {
      current.draw();
      if (current.seconds >= LONGEST_S) finish();
    }, TICK_MS);
  };
  const drop = () => {
    discard();
    status.textContent = texts.discarded;
    microphone.focus();
  };

  microphone.hidden = !canRecord;
  microphone.addEventListener("click", begin);
  sendButton.addEventListener("click", finish);
  discardButton.addEventListener("click", drop);
  recorder.addEventListener("keydown", (event) => {
    if (event.key === "Escape") drop();
  });
  attach.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const [chosen] = file.files;
    file.value = "";
    if (!chosen) return;
    if (chosen.size > MOST_BYTES) complain(texts.sound_too_large);
    else send(chosen, declared(chosen), null);
  });
}
