// The customer's own page as a host of the lab: the product's call.js, with the lab in place of camera and service.
import { Refusal } from '/phone/api.js';

const lab = window.lab;

/** There is no service here that would want the phone's own side of the call: it keeps none. */
const nothing = async () => {
  throw new Refusal(404, {});
};

/** Loads the product's call from `/phone/` and lets it dial. */
lab.dialOurs = async (dark) => {
  lab.dark = dark;
  navigator.mediaDevices.getUserMedia = async () => lab.media;
  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(configuration) {
      super(configuration);
      lab.hear(this);
    }
  };
  const { createCall } = await import('/phone/call.js');
  const send = (frame) => {
    if (frame.type !== 'sdp') return true;
    if (lab.isDark()) return false;
    lab.signal(frame.sdp).then((sdp) => call.answer({ ...frame, kind: 'answer', sdp }));
    return true;
  };
  const call = createCall({
    ui: { strip() {} },
    aids: { hush() {} },
    api: { get: nothing, put: nothing },
    socket: { connected: () => !lab.isDark(), send, check() {} },
  });
  lab.call = call;
  lab.whenLight(() => call.lineBack());
  call.follow({ step: 'queue', call: { call_id: 'lab', agent_name: '坐席', held: false, ice_servers: [] } });
};
