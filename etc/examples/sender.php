<?php // SPDX-License-Identifier: MPL-2.0
// Sends events to effortd, each counted exactly once: php sender.php HOST PORT < events.ndjson
//
// Keeps every line until effortd has said that it is settled, and sends what is not settled again over the next
// connection. Exit code 0: all settled; 1: all settled, some refused (listed on stderr); 74: standard input could not be
// read to its end; 75: effortd declines us.
// PHP 7.4 or newer on the command line, no extensions but the standard ones.

const WINDOW = 10000; // lines underway at most; effortd may want fewer
const SILENCE = 30;   // seconds without an answer while we wait for one: the connection is dead

final class Sender
{
    private array $unsettled = []; // [number, line], oldest first, from $oldest on
    private int $oldest = 0;
    private int $next = 0;
    private string $rest = '';     // of standard input: a line without its end
    private bool $isOver = false;  // standard input is
    public bool $hasFailed = false; // could not be read to its end
    private int $lines = 0;
    public int $refused = 0;
    private float $backoff = .1;

    public function run(string $host, string $port): void
    {
        while (true) {
            $s = @stream_socket_client("tcp://$host:$port", $code, $fault, 10);
            try {
                if ($s === false) {
                    throw new RuntimeException($fault);
                }
                $this->converse($s);
                return;
            } catch (RuntimeException | JsonException $e) {
                fprintf(STDERR, "%s; %d lines wait; trying again\n", $e->getMessage(), count($this->unsettled));
            } finally {
                if (is_resource($s)) {
                    fclose($s);
                }
            }
            // Full jitter: senders that were cut off together do not come back together.
            usleep(random_int(0, (int)($this->backoff * 1e6)));
            $this->backoff = min(2 * $this->backoff, 5);
        }
    }

    /** The lines that have come, to be sent. */
    private function readInput(): string
    {
        $data = @fread(STDIN, 65536);
        if ($data === false && feof(STDIN)) {
            fprintf(STDERR, "standard input: %s\n", error_get_last()['message'] ?? 'reading failed');
            $this->isOver = $this->hasFailed = true;
            return '';
        }
        $this->isOver = $data === '' && feof(STDIN);
        $parts = explode("\n", $this->rest . ($this->isOver ? "\n" : $data));
        $this->rest = array_pop($parts);
        $out = '';
        foreach ($parts as $part) {
            $line = rtrim($part, "\r");
            if ($line !== '') { // effortd skips empty lines too
                $this->unsettled[$this->next++] = [++$this->lines, "$line\n"];
                $out .= "$line\n";
            }
        }
        return $out;
    }

    private function settle(?array $nack): void
    {
        [$number] = $this->unsettled[$this->oldest];
        unset($this->unsettled[$this->oldest++]);
        if ($nack !== null) {
            $this->refused++;
            fprintf(STDERR, "line %d refused: %s: %s (id %s)\n", $number, $nack['code'], $nack['detail'], $nack['id']);
        }
        $this->backoff = .1;
    }

    private function welcome($s): int
    {
        stream_set_timeout($s, 10);
        fwrite($s, "{\"hello\":1,\"acks\":true}\n");
        $welcome = json_decode((string)fgets($s), true, 8, JSON_THROW_ON_ERROR);
        if (($welcome['error'] ?? 'E_RATE') !== 'E_RATE') {
            fprintf(STDERR, "effortd declines: %s: %s\n", $welcome['error'], $welcome['detail']);
            exit(75);
        }
        if (($welcome['ok'] ?? 0) !== 1) {
            throw new RuntimeException('no welcome');
        }
        return min(WINDOW, $welcome['window']);
    }

    /** One connection, until all is settled; an exception when it breaks. */
    private function converse($s): void
    {
        $window = $this->welcome($s);
        stream_set_blocking($s, false);
        // What is not settled goes out again, the same bytes: effortd knows an event by its id and time.
        $out = implode('', array_column($this->unsettled, 1));
        $settled = 0;
        $nacks = [];
        $buffer = '';
        $heard = microtime(true);
        while ($this->unsettled || !$this->isOver) {
            $read = $this->isOver || count($this->unsettled) >= $window ? [$s] : [$s, STDIN];
            $write = $out === '' ? [] : [$s];
            $except = null;
            if (stream_select($read, $write, $except, 1) === false) {
                throw new RuntimeException('select failed');
            }
            if (in_array(STDIN, $read, true)) {
                $heard = $this->unsettled ? $heard : microtime(true);
                $out .= $this->readInput();
            }
            if ($write) {
                $n = @fwrite($s, substr($out, 0, 65536));
                if ($n === false) {
                    throw new RuntimeException('the connection broke');
                }
                $out = substr($out, $n);
            }
            if (in_array($s, $read, true)) {
                $data = (string)fread($s, 65536);
                if ($data === '' && feof($s)) {
                    throw new RuntimeException('the connection was closed');
                }
                $answers = explode("\n", $buffer . $data);
                $buffer = array_pop($answers);
                foreach ($answers as $text) {
                    $answer = json_decode($text, true, 8, JSON_THROW_ON_ERROR);
                    if (isset($answer['nack'])) {
                        $nacks[$answer['nack']] = $answer;
                        continue;
                    }
                    $n = $answer['ack'] ?? -1;
                    if ($n < $settled || $n - $settled > count($this->unsettled)) {
                        throw new RuntimeException('the answer makes no sense');
                    }
                    while ($settled < $n) {
                        $this->settle($nacks[++$settled] ?? null);
                        unset($nacks[$settled]);
                    }
                }
                $heard = microtime(true);
            }
            if ($this->unsettled && microtime(true) - $heard > SILENCE) {
                throw new RuntimeException('no answer');
            }
        }
    }
}

if ($argc !== 3) {
    fwrite(STDERR, "usage: php sender.php HOST PORT < events.ndjson\n");
    exit(64);
}
stream_set_blocking(STDIN, false);
$sender = new Sender();
$sender->run($argv[1], $argv[2]);
exit($sender->hasFailed ? 74 : ($sender->refused > 0 ? 1 : 0));
