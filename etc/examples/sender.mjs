// SPDX-License-Identifier: MPL-2.0
// Sends events to effortd, each counted exactly once: node sender.mjs HOST PORT < events.ndjson
//
// Keeps every line until effortd has said that it is settled, and sends what is not settled again over the next
// connection. Exit code 0: all settled; 1: all settled, some refused (listed on stderr); 74: standard input could not be
// read to its end; 75: effortd declines us.
// Node.js 18 or newer, no packages.
import net from 'node:net';

const WINDOW = 10000; // lines underway at most; effortd may want fewer
const SILENCE_MS = 30000; // without an answer while we wait for one: the connection is dead
const [host, port] = process.argv.slice(2);

let window = WINDOW;
let unsettled = []; // { number, text }, oldest first
let lines = 0, refused = 0, inputIsOver = false, inputFailed = false;
let socket = null; // null: no connection that has been welcomed
let backoff = 100;
let wake = () => {}; // something was settled

// Takes pieces of text and hands out the lines in them, which end with a line feed and nothing else (readline's end with a
// bare CR, too). Called without a piece, what came behind the last line.
function lineFinder() {
	let rest = '';
	return (piece) => {
		const found = (piece === undefined ? rest + '\n' : rest + piece).split('\n');
		rest = found.pop();
		return found;
	};
}

// One connection. Resolves when it is over, for whatever reason.
function converse() {
	return new Promise((resolve) => {
		const s = net.connect({ host, port });
		let settled = 0, nacks = new Map(), why = 'the connection was closed';
		const answersOf = lineFinder();

		s.setEncoding('utf8');
		s.setTimeout(SILENCE_MS, () => {
			if (unsettled.length > 0 || socket === null || isDone()) s.destroy(new Error('no answer'));
		});
		s.on('connect', () => s.write('{"hello":1,"acks":true}\n'));
		s.on('error', (fault) => { why = fault.message; });
		s.on('close', () => {
			socket = null;
			resolve(why);
		});
		s.on('data', (piece) => {
			try {
				for (const text of answersOf(piece)) take(JSON.parse(text));
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
				s.write(unsettled.map((line) => line.text).join(''), 'latin1');
				socket = s;
				if (isDone()) s.end(); // the input ended before the welcome
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

async function addLine(raw) {
	const text = raw.replace(/\r+$/, '');
	if (text === '') return; // effortd skips empty lines too
	// Whoever writes to our pipe waits while the window is full.
	while (unsettled.length >= window) await new Promise((resolve) => { wake = resolve; });
	unsettled.push({ number: ++lines, text: text + '\n' });
	socket?.write(text + '\n', 'latin1');
}

async function readInput() {
	const linesOf = lineFinder();
	process.stdin.setEncoding('latin1'); // a byte is a character, and goes out as the same byte
	try {
		for await (const piece of process.stdin) {
			for (const raw of linesOf(piece)) await addLine(raw);
		}
		for (const raw of linesOf()) await addLine(raw);
	} catch (fault) {
		console.error(`standard input: ${fault.message}`);
		inputFailed = true;
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
process.exit(inputFailed ? 74 : refused > 0 ? 1 : 0);
