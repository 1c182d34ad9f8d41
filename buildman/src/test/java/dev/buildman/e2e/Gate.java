package dev.buildman.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy on loopback that a test can shut: then nothing that a client sends goes on until it
 * is opened again. With several targets it is a load balancer: each connection goes to the first
 * target that takes it, or to each in turn.
 */
final class Gate implements AutoCloseable {
  private static final int CONNECT_MILLIS = 2_000;

  private final ServerSocket server;
  private final List<Integer> targets = new CopyOnWriteArrayList<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger turn = new AtomicInteger();
  private volatile boolean rotating;
  private boolean open = true;
  private int waiting;

  Gate(int... ports) throws IOException {
    for (int port : ports) {
      targets.add(port);
    }
    server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("gate").start(this::acceptAll);
  }

  int port() {
    return server.getLocalPort();
  }

  String address() {
    return "127.0.0.1:" + port();
  }

  void addTarget(int port) {
    targets.add(port);
  }

  /** Sends no new connection there any more; those that are open stay. */
  void removeTarget(int port) {
    targets.remove(Integer.valueOf(port));
  }

  /** Sends new connections there, or none any more. */
  void setTarget(int port, boolean there) {
    if (!there) {
      removeTarget(port);
    } else if (!targets.contains(port)) {
      targets.add(port);
    }
  }

  /** From now on each connection goes to the target after the one of the last connection. */
  void rotate() {
    rotating = true;
  }

  /** Lets nothing more through. */
  synchronized void shut() {
    open = false;
  }

  /** Lets everything through that waits, and what comes. */
  synchronized void open() {
    open = true;
    notifyAll();
  }

  /** Waits until it is open, at most this long; says whether it is. */
  synchronized boolean awaitOpen(Duration most) throws InterruptedException {
    long until = System.nanoTime() + most.toNanos();
    while (!open) {
      long left = Duration.ofNanos(until - System.nanoTime()).toMillis();
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  /** Whether somebody stands before the shut gate. */
  synchronized boolean isWaitedAt() {
    return waiting > 0;
  }

  /** Lets nothing more through, and breaks off what is open. */
  void cutOff() {
    shut();
    cut();
  }

  /** Breaks every connection off, as a load balancer does that is restarted. */
  void cut() {
    for (Socket socket : sockets) {
      closeQuietly(socket);
    }
  }

  private synchronized void pass() throws InterruptedException {
    waiting++;
    try {
      while (!open) {
        wait();
      }
    } finally {
      waiting--;
    }
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Thread.ofVirtual().name("gate-connection").start(() -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    sockets.add(client);
    Socket target = connect();
    if (target == null) {
      closeQuietly(client);
      return;
    }
    sockets.add(target);
    Thread.ofVirtual().name("gate-back").start(() -> pump(target, client, false));
    pump(client, target, true);
  }

  private List<Integer> inTurn() {
    List<Integer> all = new ArrayList<>(targets);
    if (rotating && !all.isEmpty()) {
      Collections.rotate(all, turn.getAndIncrement() % all.size());
    }
    return all;
  }

  private Socket connect() {
    for (int port : inTurn()) {
      Socket socket = new Socket();
      try {
        socket.setTcpNoDelay(true);
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
        return socket;
      } catch (IOException e) {
        closeQuietly(socket); // the next one
      }
    }
    return null;
  }

  private void pump(Socket from, Socket to, boolean gated) {
    byte[] buffer = new byte[64 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (gated) {
          pass();
        }
        out.write(buffer, 0, n);
      }
    } catch (IOException | InterruptedException e) {
      // One side is gone: so is the other.
    } finally {
      closeQuietly(from);
      closeQuietly(to);
      sockets.remove(from);
      sockets.remove(to);
    }
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
    open();
    cut();
  }
}
