// The known sound of media/core/soundcode.py as an audio worklet, and the ear that keeps what comes from the other host.
const SYMBOL = 816, EDGE = 96, LOUD = 9000 / 32768, CHUNK = 480;

class Mouth extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    Object.assign(this, processorOptions, { at: 0 });
  }

  process(inputs, [[channel]]) {
    for (let n = 0; n < channel.length; n += 1, this.at += 1) {
      const place = this.at % SYMBOL, number = Math.floor(this.at / SYMBOL);
      if (place === 0) this.port.postMessage([number, Date.now() + this.offset + (n * 1000) / sampleRate]);
      const fade = Math.min(1, place / EDGE, (SYMBOL - 1 - place) / EDGE);
      channel[n] = LOUD * fade * Math.sin((2 * Math.PI * this.row[number % this.row.length] * place) / sampleRate);
    }
    return true;
  }
}

class Ear extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    Object.assign(this, processorOptions, { fill: 0, buffer: new Float32Array(CHUNK) });
  }

  process([[channel]]) {
    for (let n = 0; n < 128; n += 1) {
      this.buffer[this.fill] = channel ? channel[n] : 0;
      this.fill += 1;
      if (this.fill === CHUNK) this.tell(((n + 1) * 1000) / sampleRate);
    }
    return true;
  }

  tell(into) {
    const samples = new Int16Array(CHUNK / 3);
    for (let n = 0; n < samples.length; n += 1) {
      const sum = this.buffer[3 * n] + this.buffer[3 * n + 1] + this.buffer[3 * n + 2];
      samples[n] = Math.max(-32768, Math.min(32767, (sum / 3) * 32768));
    }
    this.fill = 0;
    this.port.postMessage({ samples, end: Date.now() + this.offset + into }, [samples.buffer]);
  }
}

registerProcessor('mouth', Mouth);
registerProcessor('ear', Ear);
