// SPDX-License-Identifier: MPL-2.0
// Sends CloudEvents made by the CloudEvents SDK, structured mode, one a line: node send.mjs PORT COUNT
import { createRequire } from "node:module";
import net from "node:net";

const require = createRequire(import.meta.url);
const { CloudEvent, HTTP } = require(process.env.NODE_PATH ? process.env.NODE_PATH + "/cloudevents" : "cloudevents");
const [port, count] = process.argv.slice(2).map(Number);
const socket = net.connect(port, "127.0.0.1");
for (let i = 0; i < count; i++) {
  const event = new CloudEvent({
    source: "/borger.dk/flytning",
    type: "dk.kommune.contact",
    time: "2026-03-10T11:00:00.000Z",
    data: { municipality: "0751", channel: "selfservice", kle: "23.05.10" },
  });
  socket.write(HTTP.structured(event).body + "\n");
}
socket.end();
