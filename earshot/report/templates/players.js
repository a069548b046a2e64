// Sounds: a button each, one playing at a time, and a line that runs over the spectrogram meanwhile.

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
let playing = null;

function stop() {
  playing?.pause();
  playing?.dispatchEvent(new Event("stop"));
  playing = null;
}

// The audio element is made when it is first asked for.
function playButton(text, label, uri, frame) {
  let audio = null;
  const button = make("button", { type: "button", class: "play", "aria-pressed": "false", "aria-label": label },
    make("span", { class: "sign", "aria-hidden": "true" }), text);
  const line = make("span", { class: "playhead", hidden: true });
  frame.append(line);
  const follow = () => {
    if (playing !== audio) return;
    line.style.left = `${(100 * audio.currentTime) / (audio.duration || 1)}%`;
    requestAnimationFrame(follow);
  };
  const done = () => {
    button.setAttribute("aria-pressed", "false");
    line.hidden = true;
    if (playing === audio) playing = null;
  };
  button.addEventListener("click", () => {
    const wanted = playing !== audio || audio === null;
    stop();
    if (!wanted) return;
    if (!audio) {
      audio = make("audio", { src: uri, onended: done, onstop: done });
      button.after(audio);
    }
    audio.currentTime = 0;
    playing = audio;
    button.setAttribute("aria-pressed", "true");
    audio.play().catch(done);
    line.hidden = still.matches;
    if (!still.matches) requestAnimationFrame(follow);
  });
  return button;
}
