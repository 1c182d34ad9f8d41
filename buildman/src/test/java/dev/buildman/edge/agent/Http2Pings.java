package dev.buildman.edge.agent;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Just enough of HTTP/2 to ping a server and to see what it thinks of that. */
final class Http2Pings implements AutoCloseable {
  /** Type and flags of a frame, and nothing else of it. */
  record Frame(int type, int flags) {}

  static final Predicate<Frame> PING_ACK = frame -> frame.type() == 6 && frame.flags() == 1;
  static final Predicate<Frame> GOAWAY = frame -> frame.type() == 7;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int PING_BYTES = 8;

  private final Socket socket;
  private final DataOutputStream out;
  private final List<Frame> seen = new CopyOnWriteArrayList<>();

  Http2Pings(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    out = new DataOutputStream(socket.getOutputStream());
    out.write(PREFACE.getBytes(StandardCharsets.US_ASCII));
    frame(4, 0, 0);
    Thread.ofVirtual().start(this::read);
  }

  void ping() throws IOException {
    frame(6, 0, PING_BYTES);
  }

  /** As long as the listener wants agents to wait between pings. */
  void rest() throws InterruptedException {
    Thread.sleep(1_050);
  }

  List<Frame> frames(Predicate<Frame> which) {
    return seen.stream().filter(which).toList();
  }

  private void frame(int type, int flags, int length) throws IOException {
    out.writeByte(0);
    out.writeShort(length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(0);
    out.write(new byte[length]);
    out.flush();
  }

  private void read() {
    try (var in = new DataInputStream(socket.getInputStream())) {
      while (true) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        Frame frame = new Frame(in.readUnsignedByte(), in.readUnsignedByte());
        in.readInt();
        in.readFully(new byte[length]);
        seen.add(frame);
      }
    } catch (IOException e) {
      seen.add(new Frame(-1, 0));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
