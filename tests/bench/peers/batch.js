// SPDX-License-Identifier: MPL-2.0
// The same as batch.py for Node.js, without any package: JSON.parse, sums in a Map, a pipeline each tenth of a second.
//
//     node batch.js PORT REDIS_PORT
'use strict';
const net = require('net');

const [port, redisPort] = process.argv.slice(2).map(Number);
let sums = new Map();

const redis = net.connect(redisPort, '127.0.0.1');
redis.setEncoding('latin1');
redis.on('data', (answers) => {
	if (answers.includes('-')) {
		console.error('Redis says: ' + answers);
		process.exit(1);
	}
});

setInterval(() => {
	let commands = '';
	for (const [key, n] of sums) {
		const [municipality, channel] = key.split(' ');
		const words = ['HINCRBY', 'live:' + municipality, channel, String(n)];
		commands += '*4\r\n' + words.map((w) => `$${w.length}\r\n${w}\r\n`).join('');
	}
	sums = new Map();
	if (commands !== '')
		redis.write(commands);
}, 100);

net.createServer((socket) => {
	let rest = '';
	socket.setEncoding('utf8');
	socket.on('data', (data) => {
		const lines = (rest + data).split('\n');
		rest = lines.pop();
		for (const line of lines) {
			let e;
			try {
				e = JSON.parse(line);
			} catch (fault) {
				continue;
			}
			if (!e || !e.municipality || !e.channel)
				continue;
			const key = e.municipality + ' ' + e.channel;
			sums.set(key, (sums.get(key) || 0) + 1);
		}
	});
	socket.on('error', () => {});
}).listen(port, '127.0.0.1');
