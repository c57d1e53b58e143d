// SPDX-License-Identifier: MPL-2.0
// Sends events to effortd, each counted exactly once: java Sender.java HOST PORT < events.ndjson
//
// Keeps every line until effortd has said that it is settled, and sends what is not settled again over the next
// connection. Exit code 0: all settled; 1: all settled, some refused (listed on stderr); 74: standard input could not be
// read to its end; 75: effortd declines us.
// Java 11 or newer, no libraries. Three threads: one reads standard input, one sends, one reads answers.

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Sender {
	static final int WINDOW = 10000; // lines underway at most; effortd may want fewer
	static final int SILENCE_MS = 30000; // without an answer while we wait for one: the connection is dead
	static final Pattern WELCOME = Pattern.compile("^\\{\"ok\":1,.*\"window\":(\\d+)");
	static final Pattern ACK = Pattern.compile("^\\{\"ack\":(\\d+)");
	static final Pattern NACK = Pattern.compile("^\\{\"nack\":(\\d+)");

	static final class Line {
		final long number;
		final byte[] bytes;

		Line(long number, byte[] bytes) {
			this.number = number;
			this.bytes = bytes;
		}
	}

	// Guarded by this.
	private final List<Line> unsettled = new ArrayList<>(); // oldest first
	private int window = WINDOW;
	private int sent; // of them, on this connection
	private boolean inputIsOver, inputFailed;
	private boolean isBroken; // this connection
	private long refused;
	private long backoffMs = 100;

	// The next line without its end, or null at the end of the stream.
	static byte[] readLine(InputStream in) throws IOException {
		ByteArrayOutputStream line = new ByteArrayOutputStream(256);
		int b;
		while ((b = in.read()) != -1 && b != '\n') {
			line.write(b);
		}
		return b == -1 && line.size() == 0 ? null : line.toByteArray();
	}

	void readInput() {
		InputStream in = new BufferedInputStream(System.in, 65536);
		long number = 0;
		try {
			for (byte[] line; (line = readLine(in)) != null;) {
				int len = line.length;
				while (len > 0 && line[len - 1] == '\r') {
					len--;
				}
				if (len == 0) {
					continue; // effortd skips empty lines too
				}
				byte[] bytes = new byte[len + 1];
				System.arraycopy(line, 0, bytes, 0, len);
				bytes[len] = '\n';
				add(new Line(++number, bytes));
			}
		} catch (IOException | InterruptedException fault) {
			System.err.println("standard input: " + fault.getMessage());
			inputFailed = true; // seen by others with inputIsOver
		}
		synchronized (this) {
			inputIsOver = true;
			notifyAll();
		}
	}

	// Whoever writes to our pipe waits while the window is full.
	private synchronized void add(Line line) throws InterruptedException {
		while (unsettled.size() >= window) {
			wait();
		}
		unsettled.add(line);
		notifyAll();
	}

	private synchronized boolean isDone() {
		return inputIsOver && unsettled.isEmpty();
	}

	// What is to be sent next; null: nothing more on this connection.
	private synchronized List<Line> nextLines(OutputStream out) throws InterruptedException, IOException {
		while (sent >= unsettled.size() && !isBroken && !isDone()) {
			wait();
		}
		if (isBroken || isDone()) {
			return null;
		}
		List<Line> lines = new ArrayList<>(unsettled.subList(sent, Math.min(unsettled.size(), sent + 500)));
		sent += lines.size();
		return lines;
	}

	private synchronized void settle(long n, long settledBefore, Map<Long, String> nacks) throws IOException {
		if (n < 0 || n > sent) {
			throw new IOException("the answer makes no sense");
		}
		for (long i = 0; i < n; i++) {
			String nack = nacks.remove(settledBefore + i + 1);
			if (nack != null) {
				refused++;
				System.err.println("line " + unsettled.get((int) i).number + " refused: " + nack);
			}
		}
		unsettled.subList(0, (int) n).clear();
		sent -= (int) n;
		backoffMs = 100;
		notifyAll();
	}

	private synchronized boolean isWaiting() {
		return sent > 0;
	}

	private synchronized void breakOff() {
		isBroken = true;
		notifyAll();
	}

	// Reads answers until the connection ends.
	private void hear(Socket s, InputStream in) {
		Map<Long, String> nacks = new HashMap<>();
		long settled = 0;
		try {
			while (!isDone()) {
				byte[] bytes;
				try {
					bytes = readLine(in);
				} catch (java.net.SocketTimeoutException silence) {
					if (isWaiting()) {
						throw silence;
					}
					continue;
				}
				if (bytes == null) {
					break;
				}
				String answer = new String(bytes, StandardCharsets.UTF_8);
				Matcher ack = ACK.matcher(answer), nack = NACK.matcher(answer);
				if (nack.find()) {
					nacks.put(Long.parseLong(nack.group(1)), answer);
				} else if (ack.find()) {
					long n = Long.parseLong(ack.group(1));
					settle(n - settled, settled, nacks);
					settled = n;
				} else {
					break;
				}
			}
		} catch (IOException | NumberFormatException fault) {
			// The other thread sees it.
		}
		breakOff();
		try {
			s.close(); // ends a send that waits for room
		} catch (IOException fault) {
			// It is closed then.
		}
	}

	private void converse(Socket s) throws IOException, InterruptedException {
		InputStream in = new BufferedInputStream(s.getInputStream());
		OutputStream out = new BufferedOutputStream(s.getOutputStream(), 65536);
		out.write("{\"hello\":1,\"acks\":true}\n".getBytes(StandardCharsets.UTF_8));
		out.flush();
		byte[] first = readLine(in);
		String answer = first == null ? "" : new String(first, StandardCharsets.UTF_8);
		Matcher welcome = WELCOME.matcher(answer);
		if (answer.startsWith("{\"error\":") && !answer.contains("\"E_RATE\"")) {
			System.err.println("effortd declines: " + answer);
			System.exit(75);
		}
		if (!welcome.find()) {
			throw new IOException("no welcome");
		}
		synchronized (this) {
			// What is not settled goes out again, the same bytes: effortd knows an event by its id and time.
			window = Math.min(WINDOW, Integer.parseInt(welcome.group(1)));
			sent = 0;
			isBroken = false;
		}
		Thread ears = new Thread(() -> hear(s, in));
		ears.start();
		try {
			for (List<Line> lines; (lines = nextLines(out)) != null;) {
				for (Line line : lines) {
					out.write(line.bytes);
				}
				out.flush();
			}
		} finally {
			s.close();
			ears.join();
		}
	}

	void run(String host, int port) throws InterruptedException {
		Thread input = new Thread(this::readInput);
		input.setDaemon(true);
		input.start();
		while (!isDone()) {
			String why = "the connection was closed";
			try (Socket s = new Socket()) {
				s.connect(new InetSocketAddress(host, port), 10000);
				s.setSoTimeout(SILENCE_MS);
				converse(s);
			} catch (IOException fault) {
				why = fault.getMessage();
			}
			if (isDone()) {
				break;
			}
			System.err.println(why + "; trying again");
			// Full jitter: senders that were cut off together do not come back together.
			Thread.sleep(ThreadLocalRandom.current().nextLong(backoffMs));
			backoffMs = Math.min(2 * backoffMs, 5000);
		}
	}

	public static void main(String[] args) throws InterruptedException {
		if (args.length != 2) {
			System.err.println("usage: java Sender.java HOST PORT < events.ndjson");
			System.exit(64);
		}
		Sender sender = new Sender();
		sender.run(args[0], Integer.parseInt(args[1]));
		System.exit(sender.inputFailed ? 74 : sender.refused > 0 ? 1 : 0);
	}
}
