// A recording of the microphone as a WAV file of 16 bits, at the sample rate of what the models hear.

// `passed(seconds)` is called each second until it is stopped.
async function startRecording(passed) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const recorder = new MediaRecorder(stream);
  const parts = [];
  recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
  recorder.start();
  let seconds = 0;
  const clock = setInterval(() => passed(seconds += 1), 1000);
  return {
    stop: () => new Promise((resolve, reject) => {
      clearInterval(clock);
      recorder.addEventListener("stop", () => {
        stream.getTracks().forEach((track) => track.stop());
        new Blob(parts).arrayBuffer().then(decoded).then(resolve, reject);
      });
      recorder.stop();
    }),
  };
}

async function decoded(content) {
  const { sample_rate: rate, samples } = data.settings;
  const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(content);
  const signal = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel += 1) {
    sound.getChannelData(channel).forEach((value, place) => { signal[place] += value / sound.numberOfChannels; });
  }
  return wavOf(samples ? loudest(signal, samples) : signal, rate);
}

// The stretch of so many samples that has the most power, with silence behind where there are fewer.
function loudest(signal, samples) {
  const sums = new Float64Array(signal.length + 1);
  signal.forEach((value, place) => { sums[place + 1] = sums[place] + value * value; });
  let best = 0;
  for (let start = 0; start + samples <= signal.length; start += 1) {
    if (sums[start + samples] - sums[start] > sums[best + samples] - sums[best]) best = start;
  }
  const cut = new Float32Array(samples);
  cut.set(signal.subarray(best, best + samples));
  return cut;
}

function wavOf(signal, rate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * signal.length));
  const text = (place, word) => [...word].forEach((letter, index) => view.setUint8(place + index, letter.charCodeAt(0)));
  const numbers = [[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, rate, 4], [28, 2 * rate, 4], [32, 2, 2], [34, 16, 2]];
  [[0, "RIFF"], [8, "WAVEfmt "], [36, "data"]].forEach(([place, word]) => text(place, word));
  view.setUint32(4, 36 + 2 * signal.length, true);
  view.setUint32(40, 2 * signal.length, true);
  for (const [place, value, size] of numbers) (size === 4 ? view.setUint32(place, value, true) : view.setUint16(place, value, true));
  signal.forEach((value, place) => view.setInt16(44 + 2 * place, Math.round(32767 * Math.max(-1, Math.min(1, value))), true));
  return new File([view], "recording.wav", { type: "audio/wav" });
}
