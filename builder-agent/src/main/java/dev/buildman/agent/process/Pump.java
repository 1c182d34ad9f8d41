package dev.buildman.agent.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Hands one channel of a program to the sink, on a thread of its own. */
final class Pump {
  private static final int CHUNK = 16 << 10;

  private final InputStream in;
  private final Channel channel;
  private final OutputSink sink;
  private final Thread thread;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private long left;
  private volatile @Nullable RuntimeException fault;

  private Pump(InputStream in, Channel channel, OutputSink sink, long limit, String name) {
    this.in = in;
    this.channel = channel;
    this.sink = sink;
    this.left = limit;
    // A platform thread: reading a pipe would hold a virtual thread's carrier anyway.
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
  }

  static Pump start(InputStream in, Channel channel, OutputSink sink, long limit, String program) {
    Pump pump = new Pump(in, channel, sink, limit, program + "-" + channel);
    pump.thread.start();
    return pump;
  }

  private void run() {
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK);
    CharBuffer chars = CharBuffer.allocate(CHUNK);
    try {
      while (true) {
        int got = in.read(bytes.array(), bytes.position(), bytes.remaining());
        int take = (int) Math.min(Math.max(got, 0), left);
        left -= take;
        bytes.position(bytes.position() + take).flip();
        hand(bytes, chars, got < 0);
        bytes.compact();
        if (got < 0) {
          return;
        }
      }
    } catch (IOException e) {
      // The pipe was closed under a stuck read; what came until then was handed on.
    } catch (RuntimeException e) {
      fault = e;
      drain();
    } finally {
      finish();
    }
  }

  private void hand(ByteBuffer bytes, CharBuffer chars, boolean end) {
    decoder.decode(bytes, chars, end);
    if (end) {
      decoder.flush(chars);
    }
    chars.flip();
    if (chars.hasRemaining()) {
      sink.accept(channel, chars.toString());
    }
    chars.clear();
  }

  /** After a fault of the sink: a full pipe would keep the program from ending. */
  private void drain() {
    try {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // Nothing is lost that anybody waits for.
    }
  }

  private void finish() {
    try {
      sink.end(channel);
    } catch (RuntimeException e) {
      fault = e;
    }
  }

  /** What the sink threw, or null. */
  @Nullable RuntimeException fault() {
    return fault;
  }

  /** Waits for the end of the channel; closes it when it does not come. */
  void finish(Duration limit) throws InterruptedException {
    if (!thread.join(limit)) {
      close();
      thread.join(limit);
    }
  }

  void close() {
    try {
      in.close();
    } catch (IOException e) {
      // Its thread ends either way.
    }
  }
}
