package dev.buildman.standalone;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loopback ports of one standalone. A port that was chosen once stays: workers that outlived
 * the manager dial it. Only when somebody else has taken it meanwhile, another one is chosen.
 */
public final class Ports {

  private static final Logger log = LoggerFactory.getLogger(Ports.class);
  private static final String FILE = "ports";

  private final DataFolder folder;
  private final Properties chosen = new Properties();
  private final Set<Integer> taken = new HashSet<>();

  /** Reads what was chosen before. */
  public Ports(DataFolder folder) throws IOException {
    this.folder = folder;
    Path file = folder.path().resolve(FILE);
    if (Files.exists(file)) {
      chosen.load(new StringReader(Files.readString(file)));
    }
  }

  /** The port that was chosen for that name before; 0: none. */
  public int before(String name) {
    return Integer.parseInt(chosen.getProperty(name, "0"));
  }

  /**
   * The port of that name.
   *
   * @param preferred at the first time, when it is free; 0: any
   */
  public int choose(String name, int preferred) throws IOException {
    int before = before(name);
    int port;
    if (before != 0 && isFree(before)) {
      port = before;
    } else if (preferred != 0 && isFree(preferred)) {
      port = preferred;
    } else {
      port = anyFree();
    }
    if (before != 0 && before != port) {
      log.warn("port is taken by another program: port={}, for={}, now={}", before, name, port);
    }
    taken.add(port);
    chosen.setProperty(name, Integer.toString(port));
    StringWriter text = new StringWriter();
    chosen.store(text, null);
    folder.write(FILE, text.toString());
    return port;
  }

  private boolean isFree(int port) {
    if (taken.contains(port)) {
      return false;
    }
    try (ServerSocket socket = bound(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private int anyFree() throws IOException {
    while (true) {
      try (ServerSocket socket = bound(0)) {
        if (!taken.contains(socket.getLocalPort())) {
          return socket.getLocalPort();
        }
      }
    }
  }

  private static ServerSocket bound(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
