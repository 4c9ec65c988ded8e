// Recording an answer: where there is a microphone, what is recorded becomes the file of the form.
const LONGEST_S = 60;
const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

class Recorder {
  constructor(form) {
    this.file = form.querySelector("input[type=file]");
    this.button = form.querySelector("[data-record]");
    this.time = form.querySelector("[data-time]");
    this.heard = form.querySelector("[data-heard]");
    this.label = this.button.textContent;
    form.querySelector("[data-recorder]").hidden = false;
    this.button.addEventListener("click", () => (this.media ? this.media.stop() : this.start()));
  }

  async start() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      return;
    }
    const parts = [];
    this.media = new MediaRecorder(stream, { mimeType: TYPES.find((type) => MediaRecorder.isTypeSupported(type)) });
    this.media.addEventListener("dataavailable", (event) => parts.push(event.data));
    this.media.addEventListener("stop", () => this.end(stream, parts));
    this.media.start();
    this.began = performance.now();
    this.button.textContent = this.button.dataset.stop;
    this.timer = setInterval(() => this.tick(), 250);
  }

  tick() {
    const seconds = Math.floor((performance.now() - this.began) / 1000);
    this.time.textContent = `0:${String(seconds).padStart(2, "0")}`;
    if (seconds >= LONGEST_S) this.media.stop();
  }

  end(stream, parts) {
    clearInterval(this.timer);
    for (const track of stream.getTracks()) track.stop();
    const type = this.media.mimeType.split(";")[0];
    this.media = null;
    this.button.textContent = this.label;
    const blob = new Blob(parts, { type });
    const files = new DataTransfer();
    files.items.add(new File([blob], "voz", { type }));
    this.file.files = files.files;
    this.heard.src = URL.createObjectURL(blob);
    this.heard.hidden = false;
  }
}

if (navigator.mediaDevices?.getUserMedia && window.MediaRecorder) {
  for (const form of document.querySelectorAll("form[data-voice]")) new Recorder(form);
}
