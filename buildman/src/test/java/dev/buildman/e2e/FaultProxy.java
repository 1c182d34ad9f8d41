package dev.buildman.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;

/**
 * A TCP proxy on loopback between a worker and what it speaks to, with faults. Which connection has
 * which fault, and after how many bytes, follows from the seed and the connection's number alone.
 */
final class FaultProxy implements AutoCloseable {
  /** What happens to a connection. */
  enum Fault {
    /** Nothing. */
    NONE,
    /** Both sides see its end. */
    CUT,
    /** Both sides see a reset. */
    RESET,
    /** Nothing passes for a while. */
    STALL,
    /** It passes in small pieces with pauses. */
    THROTTLE,
    /** One byte becomes another one. */
    CORRUPT,
    /** The client sees its end, and what it sent last arrives later, after what it sends anew. */
    LATE
  }

  private static final int BUFFER = 16 << 10;

  /** Less than any first request, or the answer to it. */
  private static final int FIRST_REQUEST = 20;

  private static final Duration STALL = Duration.ofSeconds(2);
  private static final Duration LATE = Duration.ofSeconds(2);
  private static final Duration THROTTLE = Duration.ofMillis(20);
  private static final int THROTTLED_PIECE = 4 << 10;

  private final ServerSocket server;
  private final int target;
  private final long seed;
  private final List<Fault> faults;
  private final int within;
  private final int faultyOf10;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> happened = new ConcurrentLinkedQueue<>();
  private volatile boolean calm;
  private int connections;

  /**
   * @param target port on loopback
   * @param faults what a faulty connection may have
   * @param within bytes of one direction after which the fault comes at the latest
   * @param faultyOf10 of ten connections so many are faulty
   */
  FaultProxy(int target, long seed, List<Fault> faults, int within, int faultyOf10)
      throws IOException {
    this.target = target;
    this.seed = seed;
    this.faults = List.copyOf(faults);
    this.within = within;
    this.faultyOf10 = faultyOf10;
    this.server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("fault-proxy").start(this::acceptAll);
  }

  int port() {
    return server.getLocalPort();
  }

  String address() {
    return "127.0.0.1:" + port();
  }

  /** From now on nothing happens to connections. */
  void calm() {
    calm = true;
  }

  /** The faults so far, for a message. */
  List<String> happened() {
    return List.copyOf(happened);
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Plan plan = plan(++connections);
        Thread.ofVirtual().name("fault-connection").start(() -> serve(client, plan));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  /**
   * What happens to one connection.
   *
   * @param up whether to what the client sends
   * @param at bytes of that direction that pass before
   */
  private record Plan(int number, Fault fault, boolean up, int at) {}

  private Plan plan(int number) {
    Random random = new Random(seed * 1_000_003 + number);
    // The first one always: few builds make few connections, and none may go through unharmed.
    boolean faulty = !calm && (random.nextInt(10) < faultyOf10 || number == 1);
    Fault fault = faulty ? faults.get(random.nextInt(faults.size())) : Fault.NONE;
    boolean up = fault == Fault.LATE || random.nextBoolean();
    // Mostly early, as most connections carry little.
    int at = (int) (within * Math.pow(random.nextDouble(), 3));
    return new Plan(number, fault, up, number == 1 ? Math.min(at, FIRST_REQUEST) : at);
  }

  private void serve(Socket client, Plan plan) {
    sockets.add(client);
    Socket upstream = new Socket();
    sockets.add(upstream);
    try {
      upstream.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 2_000);
      Thread.ofVirtual().name("fault-back").start(() -> pump(upstream, client, plan, false));
      pump(client, upstream, plan, true);
    } catch (IOException e) {
      closeQuietly(client);
      closeQuietly(upstream);
    }
  }

  private void pump(Socket from, Socket to, Plan plan, boolean up) {
    byte[] buffer = new byte[BUFFER];
    long passed = 0;
    boolean due = plan.fault != Fault.NONE && plan.up == up;
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (due && passed + n > plan.at) {
          due = false;
          happened.add(plan.toString());
          if (!apply(plan, buffer, n, from, to)) {
            return;
          }
        } else {
          out.write(buffer, 0, n);
        }
        passed += n;
      }
      to.shutdownOutput();
    } catch (IOException e) {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  /** False when the connection is over. */
  private static boolean apply(Plan plan, byte[] buffer, int length, Socket from, Socket to)
      throws IOException {
    OutputStream out = to.getOutputStream();
    switch (plan.fault) {
      case STALL -> {
        pause(STALL);
        out.write(buffer, 0, length);
      }
      case THROTTLE -> {
        for (int i = 0; i < length; i += THROTTLED_PIECE) {
          out.write(buffer, i, Math.min(THROTTLED_PIECE, length - i));
          pause(THROTTLE);
        }
      }
      case CORRUPT -> {
        buffer[length - 1] ^= 0x20;
        out.write(buffer, 0, length);
      }
      case LATE -> {
        closeQuietly(from);
        pause(LATE);
        out.write(buffer, 0, length);
        closeQuietly(to);
        return false;
      }
      case RESET -> {
        from.setSoLinger(true, 0);
        to.setSoLinger(true, 0);
        closeQuietly(from);
        closeQuietly(to);
        return false;
      }
      default -> {
        closeQuietly(from);
        closeQuietly(to);
        return false;
      }
    }
    return true;
  }

  /** The pause is the fault itself: there is nothing that could be waited for. */
  private static void pause(Duration span) {
    Awaitility.await()
        .pollDelay(span)
        .pollInterval(Duration.ofMillis(10))
        .atMost(span.plusSeconds(30))
        .until(() -> true);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone in any case.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    sockets.forEach(FaultProxy::closeQuietly);
  }
}
