// SPDX-License-Identifier: MPL-2.0
// Sends events to effortd, each counted exactly once: node sender.mjs HOST PORT < events.ndjson
//
// Keeps every line until effortd has said that it is settled, and sends what is not settled again over the next
// connection. Exit code 0: all settled; 1: all settled, some refused (listed on stderr); 75: effortd declines us.
// Node.js 18 or newer, no packages.
import net from 'node:net';
import readline from 'node:readline';

const WINDOW = 10000; // lines underway at most; effortd may want fewer
const SILENCE_MS = 30000; // without an answer while we wait for one: the connection is dead
const [host, port] = process.argv.slice(2);

let window = WINDOW;
let unsettled = []; // { number, text }, oldest first
let lines = 0, refused = 0, inputIsOver = false;
let socket = null; // null: no connection that has been welcomed
let backoff = 100;
let wake = () => {}; // something was settled

// One connection. Resolves when it is over, for whatever reason.
function converse() {
	return new Promise((resolve) => {
		const s = net.connect({ host, port });
		let settled = 0, nacks = new Map(), why = 'the connection was closed';
		const answers = readline.createInterface({ input: s, crlfDelay: Infinity });

		s.setTimeout(SILENCE_MS, () => {
			if (unsettled.length > 0 || socket === null) s.destroy(new Error('no answer'));
		});
		s.on('connect', () => s.write('{"hello":1,"acks":true}\n'));
		s.on('error', (fault) => { why = fault.message; });
		s.on('close', () => {
			socket = null;
			answers.close();
			resolve(why);
		});
		answers.on('error', () => {});
		answers.on('line', (text) => {
			if (s.destroyed) return; // what was cut off is no answer
			try {
				take(JSON.parse(text));
			} catch (fault) {
				s.destroy(fault);
			}
		});

		function take(answer) {
			if ('error' in answer) {
				if (answer.error !== 'E_RATE') decline(answer);
				throw new Error(answer.detail);
			} else if (answer.ok === 1) {
				window = Math.min(WINDOW, answer.window);
				// What is not settled goes out again, the same bytes: effortd knows an event by its id and time.
				s.write(unsettled.map((line) => line.text).join(''));
				socket = s;
			} else if ('nack' in answer) {
				nacks.set(answer.nack, answer);
			} else if (answer.ack >= settled && answer.ack - settled <= unsettled.length) {
				settle(answer.ack);
			} else {
				throw new Error('the answer makes no sense');
			}
			wake();
		}

		function settle(upTo) {
			for (const { number } of unsettled.splice(0, upTo - settled)) {
				const nack = nacks.get(++settled);
				if (nack === undefined) continue;
				refused++;
				nacks.delete(settled);
				console.error(`line ${number} refused: ${nack.code}: ${nack.detail} (id ${nack.id})`);
			}
			backoff = 100;
			if (isDone()) s.end();
		}
	});
}

function decline(answer) {
	console.error(`effortd declines: ${answer.error}: ${answer.detail}`);
	process.exit(75);
}

const isDone = () => inputIsOver && unsettled.length === 0;

async function readInput() {
	for await (const raw of readline.createInterface({ input: process.stdin })) {
		const text = raw.replace(/\r+$/, '');
		if (text === '') continue; // effortd skips empty lines too
		// Whoever writes to our pipe waits while the window is full.
		while (unsettled.length >= window) await new Promise((resolve) => { wake = resolve; });
		unsettled.push({ number: ++lines, text: text + '\n' });
		socket?.write(text + '\n');
	}
	inputIsOver = true;
	if (isDone()) socket?.end();
}

const input = readInput();
while (!isDone()) {
	const why = await converse();
	if (isDone()) break;
	console.error(`${why}; ${unsettled.length} lines wait; trying again`);
	// Full jitter: senders that were cut off together do not come back together.
	await new Promise((resolve) => setTimeout(resolve, Math.random() * backoff));
	backoff = Math.min(2 * backoff, 5000);
}
await input;
process.exit(refused > 0 ? 1 : 0);
