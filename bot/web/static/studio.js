// The studio's microphone: one press begins, one ends; what was recorded goes to be measured at once.
const LONGEST_S = 75;
const TICK_MS = 100;
const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];
// Nothing is to be filtered or levelled here: the server measures what was really recorded.
const PLAIN = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };

class Microphone {
  constructor(form) {
    this.form = form;
    [this.button, this.time, this.level, this.status] = ["record", "time", "level", "status"].map((name) => form.querySelector(`[data-${name}]`));
    this.label = this.button.textContent;
    form.querySelector("[data-recorder]").hidden = false;
    this.button.addEventListener("click", () => (this.media ? this.media.stop() : this.start()));
  }

  async start() {
    let stream;
    this.button.disabled = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: PLAIN });
    } catch {
      this.status.textContent = this.status.dataset.denied;
      return;
    } finally {
      this.button.disabled = false;
    }
    const parts = [];
    this.media = new MediaRecorder(stream, { mimeType: TYPES.find((type) => MediaRecorder.isTypeSupported(type)), audioBitsPerSecond: 96000 });
    this.media.addEventListener("dataavailable", (event) => parts.push(event.data));
    this.media.addEventListener("stop", () => this.end(stream, parts));
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
    this.media.start();
    this.began = performance.now();
    this.button.textContent = this.button.dataset.stop;
    this.status.textContent = this.status.dataset.recording;
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  tick() {
    const seconds = Math.floor((performance.now() - this.began) / 1000);
    this.time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    this.analyser.getFloatTimeDomainData(this.samples);
    const peak = this.samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-4);
    this.level.setAttribute("width", String(Math.max(0, 100 + (100 / 60) * 20 * Math.log10(peak))));
    if (seconds >= LONGEST_S) this.media.stop();
  }

  end(stream, parts) {
    clearInterval(this.timer);
    this.context.close();
    for (const track of stream.getTracks()) track.stop();
    const type = this.media.mimeType.split(";")[0];
    this.media = null;
    this.button.textContent = this.label;
    this.button.disabled = true;
    this.status.textContent = this.status.dataset.sending;
    const files = new DataTransfer();
    files.items.add(new File([new Blob(parts, { type })], "voz", { type }));
    this.form.querySelector("input[type=file]").files = files.files;
    this.form.requestSubmit();
  }
}

if (navigator.mediaDevices?.getUserMedia && window.MediaRecorder) {
  for (const form of document.querySelectorAll("form[data-studio]")) new Microphone(form);
}
