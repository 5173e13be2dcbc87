// The customer's own page as a host of the lab: the product's call.js, with the lab in place of camera and service.
const lab = window.lab;

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
  const call = createCall({ ui: { strip() {} }, socket: { connected: () => !lab.isDark(), send, check() {} } });
  lab.call = call;
  lab.whenLight(() => call.lineBack());
  call.follow({ step: 'queue', call: { call_id: 'lab', agent_name: '坐席', held: false, ice_servers: [] } });
};
